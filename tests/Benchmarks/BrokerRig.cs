using System.Diagnostics;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using SidecarAgent.Agent.Connection;
using SidecarAgent.Quickstart.Installation;
using SidecarAgent.Quickstart.PodRunner;
using SidecarAgent.Testing;
using SidecarAgent.V1;
using TokenIssuer = SidecarAgent.Testing.TokenIssuer;

namespace SidecarAgent.Benchmarks;

/// <summary>
/// A real broker on loopback with its files on the disk, an issuer whose tokens it takes, and an operator. What is not the
/// broker's work, such as minting thousands of tokens, costs no processes.
/// </summary>
internal sealed class BrokerRig : IAsyncDisposable
{
    private const string Policies =
        """
        policies:
          - name: bench
            subjects: [ { namespace: shop, serviceAccount: orders } ]
            grants:
              - { paths: [ kv/bench/* ] }
              - { paths: [ database/creds/* ] }
        """;

    private readonly TempDirectory _directory;
    private readonly TestCertificates _certificates;
    private readonly TokenIssuer _issuer = new();
    private readonly GrpcChannel _operator;
    private readonly Server _server;

    private BrokerRig(TempDirectory directory, TestCertificates certificates, string mounts)
    {
        (_directory, _certificates) = (directory, certificates);
        _issuer.WriteJwks(directory.File("jwks.json"));
        directory.Write("policies/bench.yaml", Policies);
        var (port, metricsPort) = (FreePort.Choose(), FreePort.Choose());
        var configuration = directory.Write("broker.yaml", $$"""
            listen: 127.0.0.1:{{port}}
            metricsListen: 127.0.0.1:{{metricsPort}}
            tls: { certFile: tls.crt, keyFile: tls.key }
            storage: { sqlite: broker.db }
            key: { file: kek }
            audit: { file: audit.jsonl }
            issuers: [ { issuer: "{{_issuer.Issuer}}", audience: sidecar-broker, keys: jwks.json } ]
            admins: [ { socket: admin.sock } ]
            policies: policies
            mounts:
              - { path: kv, engine: kv }
            {{mounts}}
            """);
        Address = new Uri($"https://127.0.0.1:{port}");
        _server = new Server(
            "broker", new LaunchPlan(Programs.Locate().Broker, ["run", "--config", configuration], Programs.Environment),
            new Uri($"http://127.0.0.1:{metricsPort}/readyz"), directory.FullName, TimeProvider.System);
        // The address is for the protocol's sake: the socket is where it goes.
        _operator = GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions
        {
            HttpHandler = new SocketsHttpHandler { ConnectCallback = ConnectAsync },
        });
    }

    public Uri Address { get; }

    /// <summary>The calls of an operator.</summary>
    public BrokerAdmin.BrokerAdminClient Admin => new(_operator);

    /// <summary>The broker's database.</summary>
    public string Database => _directory.File("broker.db");

    public int ProcessId => _server.ProcessId!.Value;

    /// <summary>What the broker's process has computed since it began, on all cores.</summary>
    public TimeSpan CpuTime
    {
        get
        {
            using var process = Process.GetProcessById(ProcessId);
            return process.TotalProcessorTime;
        }
    }

    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="mounts">More of them, as lines of the configuration's list.</param>
    public static async Task<BrokerRig> StartAsync(CancellationToken cancellationToken, string mounts = "")
    {
        var directory = TempDirectory.Create();
        var certificates = new TestCertificates(directory.FullName);
        var rig = new BrokerRig(directory, certificates, mounts);
        try
        {
            var command = new Command(Programs.Locate().Broker, Programs.Environment, directory.FullName, TimeProvider.System);
            await command.RunAsync(cancellationToken, "init-key", directory.File("kek"));
            await rig._server.StartAsync(cancellationToken);
            return rig;
        }
        catch
        {
            await rig.DisposeAsync();
            throw;
        }
    }

    /// <summary>The tokens of so many pods of one service account.</summary>
    public string[] Tokens(int pods) => [.. Enumerable.Range(0, pods).Select(i => _issuer.Token(pod: $"orders-{i}"))];

    /// <summary>A connection of its own over TLS.</summary>
    public GrpcChannel Connect() => GrpcChannel.ForAddress(Address, new GrpcChannelOptions
    {
        DisposeHttpClient = true,
        HttpHandler = new SocketsHttpHandler
        {
            ConnectTimeout = Backoff.HandshakeTimeout,
            SslOptions = Trust(),
        },
    });

    /// <summary>Stores a version with two fields and serves it.</summary>
    public async Task PutAsync(string path, string mark, CancellationToken cancellationToken)
    {
        var request = new PutSecretRequest { Path = path };
        foreach (var field in new[] { "username", "password" })
            request.Fields.Add(new NewField { Name = field, Value = ByteString.CopyFromUtf8($"{field}-{mark}") });
        await Admin.PutSecretAsync(request, cancellationToken: cancellationToken);
    }

    public Task StopAsync() => _server.StopAsync();

    public Task StartAgainAsync(CancellationToken cancellationToken) => _server.StartAsync(cancellationToken);

    /// <summary>Cuts a workload off, and follows that to its end.</summary>
    public async Task<RevokeAndWatchResponse> RevokeAsync(string workload, CancellationToken cancellationToken)
    {
        var request = new RevokeAndWatchRequest { Revoke = new RevokeRequest { Target = new Target { Workload = workload } } };
        using var call = new BrokerAdmin.BrokerAdminClient(_operator).RevokeAndWatch(request, cancellationToken: cancellationToken);
        var last = new RevokeAndWatchResponse();
        await foreach (var step in call.ResponseStream.ReadAllAsync(cancellationToken))
            last = step;
        return last;
    }

    /// <summary>Serves it again.</summary>
    public async Task LiftAsync(string cutOff, CancellationToken cancellationToken) =>
        await new BrokerAdmin.BrokerAdminClient(_operator).LiftCutOffAsync(
            new LiftCutOffRequest { Id = cutOff }, cancellationToken: cancellationToken);

    /// <summary>Stops the broker as Kubernetes does, and starts it again.</summary>
    /// <returns>After which time the old one was gone.</returns>
    public async Task<TimeSpan> RestartAsync(CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        await _server.StopAsync();
        var gone = clock.Elapsed;
        await _server.StartAsync(cancellationToken);
        return gone;
    }

    public async ValueTask DisposeAsync()
    {
        _operator.Dispose();
        await _server.DisposeAsync();
        _issuer.Dispose();
        _certificates.Dispose();
        _directory.Dispose();
    }

    /// <summary>As the agent has it (agent/Connection/BrokerTrust.cs): one CA, and not the hundred of the system's.</summary>
    private SslClientAuthenticationOptions Trust()
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.Add(_certificates.Ca);
        return new SslClientAuthenticationOptions { EnabledSslProtocols = SslProtocols.Tls13, CertificateChainPolicy = policy };
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(_directory.File("admin.sock")), cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
