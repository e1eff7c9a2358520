using System.Net;
using System.Net.Sockets;
using Grpc.Core;
using Grpc.Net.Client;
using SidecarAgent.Testing;
using SidecarAgent.V1;

namespace SidecarAgent.Benchmarks;

/// <summary>
/// A real broker on loopback, with everything it needs in a directory of its own, and what an agent needs to talk to it.
/// </summary>
internal sealed class BrokerRig : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(30);

    private readonly TempDirectory _directory = TempDirectory.Create();
    private readonly TempDirectory _memory = TempDirectory.CreateInMemory();
    private readonly TestCertificates _certificates;
    private readonly TokenIssuer _issuer = new();
    private readonly int _port = FreePort();
    private readonly string _socket;
    private RunningProgram? _broker;
    private GrpcChannel? _channel;

    private BrokerRig()
    {
        _socket = _directory.File("admin.sock");
        _certificates = new TestCertificates(_directory.FullName);
    }

    public BrokerAdmin.BrokerAdminClient Admin => new(_channel);

    public static async Task<BrokerRig> StartAsync(CancellationToken cancellationToken)
    {
        var rig = new BrokerRig();
        try
        {
            await rig.StartBrokerAsync(cancellationToken);
            return rig;
        }
        catch
        {
            await rig.DisposeAsync();
            throw;
        }
    }

    /// <summary>A directory on tmpfs for an agent's files.</summary>
    public string NewMount(string name) => Directory.CreateDirectory(_memory.File(name)).FullName;

    /// <summary>The configuration of an agent that wants these files, each given as the configuration's JSON.</summary>
    public string AgentConfiguration(string mount, IEnumerable<string> files)
    {
        var token = _directory.Write("token", _issuer.Token(lifetime: TimeSpan.FromHours(2)));
        return $$"""
            { "broker": { "address": "https://127.0.0.1:{{_port}}", "caFile": "{{_certificates.CaFile}}" },
              "identity": { "tokenFile": "{{token}}" },
              "mountPath": "{{mount}}", "listen": "127.0.0.1:{{FreePort()}}", "logLevel": "warning",
              "files": [ {{string.Join(", ", files)}} ] }
            """;
    }

    /// <summary>The whole secret as a JSON file that is named like it.</summary>
    public static string JsonFile(string secret) =>
        $$"""{ "file": "{{Path.GetFileName(secret)}}.json", "secret": "{{secret}}" }""";

    public static RunningProgram StartAgent(string command, string configuration) =>
        new(Programs.Agent, new Dictionary<string, string> { ["SIDECAR_AGENT_CONFIG"] = configuration }, command);

    /// <summary>Stores a version with two fields that both end in the mark.</summary>
    public async Task PutAsync(string path, string mark, CancellationToken cancellationToken)
    {
        var request = new PutSecretRequest { Path = path };
        foreach (var field in new[] { "username", "password" })
        {
            request.Fields.Add(new NewField
            {
                Name = field,
                Value = Google.Protobuf.ByteString.CopyFromUtf8($"{field}-{mark}"),
            });
        }

        await Admin.PutSecretAsync(request, cancellationToken: cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        _channel?.Dispose();
        if (_broker is not null)
            await _broker.DisposeAsync();
        _issuer.Dispose();
        _certificates.Dispose();
        _memory.Dispose();
        _directory.Dispose();
    }

    private async Task StartBrokerAsync(CancellationToken cancellationToken)
    {
        _directory.Write("policies/bench.yaml", """
            policies:
              - name: bench
                subjects: [ { namespace: shop, serviceAccount: orders } ]
                grants: [ { paths: [ kv/bench/* ] } ]
            """);
        var configuration = _directory.Write("broker.yaml", $"""
            listen: 127.0.0.1:{_port}
            metricsListen: 127.0.0.1:{FreePort()}
            tls: {"{"} certFile: {_certificates.CertFile}, keyFile: {_certificates.KeyFile} {"}"}
            storage: {"{"} sqlite: {_directory.File("broker.db")} {"}"}
            key: {"{"} file: {_directory.File("kek")} {"}"}
            audit: {"{"} file: {_directory.File("audit.jsonl")} {"}"}
            issuers:
              - issuer: {_issuer.Issuer}
                audience: {_issuer.Audience}
                keys: {_issuer.WriteJwks(_directory.File("jwks.json"))}
            admins: [ {"{"} socket: {_socket} {"}"} ]
            policies: {_directory.File("policies")}
            """);

        var environment = new Dictionary<string, string>();
        await using (var init = new RunningProgram(Programs.Broker, environment, "init-key", _directory.File("kek")))
            await init.WaitForSuccessAsync(cancellationToken);
        _broker = new RunningProgram(Programs.Broker, environment, "run", "--config", configuration);
        _channel = GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions
        {
            HttpHandler = new SocketsHttpHandler { ConnectCallback = ConnectAsync },
        });
        await WaitUntilItAnswersAsync(cancellationToken);
    }

    private async Task WaitUntilItAnswersAsync(CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(StartTimeout, TimeProvider.System);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        while (true)
        {
            _broker!.ThrowIfEnded();
            try
            {
                await Admin.ListSecretsAsync(new ListSecretsRequest(), cancellationToken: linked.Token);
                return;
            }
            catch (RpcException e) when (e.StatusCode == StatusCode.Unavailable)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, linked.Token);
            }
        }
    }

    private async ValueTask<Stream> ConnectAsync(
        SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(_socket), cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
