using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;
using Microsoft.Extensions.Logging;
using SidecarAgent.Broker.Configuration;
using SidecarAgent.Broker.Credentials;
using SidecarAgent.Broker.Crypto;
using SidecarAgent.Broker.Tests.Storage;
using SidecarAgent.Testing;
using SidecarAgent.V1;

namespace SidecarAgent.Broker.Tests;

/// <summary>
/// A whole broker on loopback, over real files, TLS and a Unix socket, that can be stopped and started again over what
/// it has left. Time is the given clock's, except in TLS.
/// </summary>
internal sealed class RunningBroker : IAsyncDisposable
{
    public const string DefaultPolicies =
        """
        policies:
          - name: orders
            subjects: [ { namespace: shop, serviceAccount: orders } ]
            grants:
              - { paths: [ kv/shop/* ], ttl: 1h, maxTtl: 24h }
              - { paths: [ kv/partly ], fields: [ user ] }
        """;

    private readonly TempDirectory _directory = TempDirectory.Create();
    private readonly List<GrpcChannel> _channels = [];
    private readonly BrokerOptions _options;
    private readonly X509Certificate2 _ca;
    private readonly AccountServerFactory? _connect;

    private RunningBroker(
        TimeProvider clock, string policies, string operatorSubject, string key, string configuration, AccountServerFactory? connect,
        string moreAdmins, TestStore? store, string moreIssuers, string issuerOptions, string socket, string audit)
    {
        _connect = connect;
        Store = store ?? new SqliteTestStore(_directory.File("broker.db"));
        Clock = clock;
        Issuer = new TokenIssuer(clock: clock);
        Issuer.WriteJwks(_directory.File("jwks.json"));
        Certificates = new TestCertificates(_directory.FullName);
        _ca = X509CertificateLoader.LoadCertificateFromFile(Certificates.CaFile);
        KeyFile.Create(_directory.File("kek"));
        _directory.Write("policies/orders.yaml", policies);
        _directory.Write("password", "of the broker");
        _options = BrokerOptions.Load(_directory.Write(
            "broker.yaml",
            $$"""
            listen: 127.0.0.1:0
            metricsListen: 127.0.0.1:0
            tls: { certFile: tls.crt, keyFile: tls.key }
            storage: {{Store.Yaml}}
            key: {{key}}
            audit: {{audit}}
            issuers: [ { issuer: "{{Issuer.Issuer}}", audience: sidecar-broker, keys: jwks.json{{issuerOptions}} }{{moreIssuers}} ]
            admins: [ {{socket}}, { issuer: "{{Issuer.Issuer}}", subject: "{{operatorSubject}}" }{{moreAdmins}} ]
            policies: policies
            {{configuration}}
            """));
    }

    /// <summary>What the audit log calls whoever runs the tests.</summary>
    public static string LocalOperator { get; } = $"local:uid={UserId()}";

    public TimeProvider Clock { get; }

    public TokenIssuer Issuer { get; }

    public TestCertificates Certificates { get; }

    public BrokerServer Server { get; private set; } = null!;

    /// <summary>Where it keeps what it knows.</summary>
    public TestStore Store { get; }

    /// <summary>Where clients connect: the server's address, or that of a process which a test started over the same files.</summary>
    public Uri Address { get; set; } = null!;

    public string AuditLog => ReadShared(_options.Audit.File);

    /// <summary>Operators, over the socket.</summary>
    public BrokerAdmin.BrokerAdminClient Admin => new(SocketChannel());

    public HttpClient Metrics => new() { BaseAddress = Server.MetricsAddress };

    public static async Task<RunningBroker> StartAsync(
        TimeProvider? clock = null, string policies = DefaultPolicies, string operatorSubject = "system:serviceaccount:ops:admin",
        string key = "{ file: kek }", string configuration = "", AccountServerFactory? connect = null,
        string moreAdmins = "", TestStore? store = null, string moreIssuers = "", string issuerOptions = "",
        string socket = "{ socket: admin.sock }", string audit = "{ file: audit.jsonl }")
    {
        var broker = new RunningBroker(
            clock ?? TimeProvider.System, policies, operatorSubject, key, configuration, connect, moreAdmins, store, moreIssuers,
            issuerOptions, socket, audit);
        await broker.Store.CreateAsync();
        await broker.StartServerAsync();
        return broker;
    }

    /// <summary>Workloads, over TLS; each with a connection of its own.</summary>
    /// <param name="token">The token; null: that of the pod orders-0.</param>
    public SecretBroker.SecretBrokerClient Client(string? token = null) => new(OverTls(token ?? Issuer.Token()));

    /// <summary>Operators, over TLS with a token.</summary>
    public BrokerAdmin.BrokerAdminClient AdminOverTls(string token) => new(OverTls(token));

    /// <summary>What any gRPC client sees.</summary>
    public GrpcChannel TlsChannel() => Channel(Address.ToString(), Handler(SslOptions()));

    /// <summary>What whoever may open the socket sees.</summary>
    public GrpcChannel SocketChannel() => Channel("http://localhost", OverSocket());

    public SslClientAuthenticationOptions SslOptions() => new()
    {
        TargetHost = "localhost",
        CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            CustomTrustStore = { _ca },
            RevocationMode = X509RevocationMode.NoCheck,
        },
    };

    public string File(string name) => _directory.File(name);

    public void WritePolicies(string policies) => _directory.Write("policies/orders.yaml", policies);

    public async Task StartServerAsync()
    {
        Server = await BrokerServer.StartAsync(
            _options, Clock, logging => logging.SetMinimumLevel(LogLevel.None), _connect, CancellationToken.None);
        Address = Server.Address;
    }

    public async Task RestartAsync()
    {
        await StopAsync();
        await StartServerAsync();
    }

    public async Task StopAsync()
    {
        await Server.DisposeAsync();
        _channels.ForEach(channel => channel.Dispose());
        _channels.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _ca.Dispose();
        Certificates.Dispose();
        Issuer.Dispose();
        _directory.Dispose();
    }

    private static string UserId() =>
        System.IO.File.ReadLines("/proc/self/status").First(line => line.StartsWith("Uid:", StringComparison.Ordinal)).Split('\t')[2];

    private CallInvoker OverTls(string token) =>
        TlsChannel().Intercept(metadata =>
        {
            metadata.Add("authorization", $"Bearer {token}");
            return metadata;
        });

    private GrpcChannel Channel(string address, SocketsHttpHandler handler)
    {
        var channel = GrpcChannel.ForAddress(
            address, new GrpcChannelOptions { HttpHandler = handler, DisposeHttpClient = true, MaxReceiveMessageSize = null });
        lock (_channels)
            _channels.Add(channel);
        return channel;
    }

    private SocketsHttpHandler OverSocket() => new()
    {
        ConnectCallback = async (_, cancellationToken) =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(_options.Admins.Socket!), cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        },
    };

    private static SocketsHttpHandler Handler(SslClientAuthenticationOptions ssl) => new() { SslOptions = ssl };

    private static string ReadShared(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
