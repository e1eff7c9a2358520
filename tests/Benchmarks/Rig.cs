using System.Net.Sockets;
using Google.Protobuf;
using Grpc.Net.Client;
using SidecarAgent.Quickstart.Installation;
using SidecarAgent.Quickstart.PodRunner;
using SidecarAgent.V1;

namespace SidecarAgent.Benchmarks;

/// <summary>A real broker on loopback, and what an agent needs to talk to it.</summary>
internal sealed class Rig : IAsyncDisposable
{
    private static readonly PodIdentity Pod = new(
        "shop", "bench-0", "bench-0-uid", "orders", "node1", new Dictionary<string, string>(), new Dictionary<string, string>());

    /// <summary>The name of the file of <see cref="PutManyAsync"/> that is watched.</summary>
    public const string Mark = "mark";

    private readonly LocalInstallation _installation;
    private readonly GrpcChannel _operator;

    private Rig(LocalInstallation installation)
    {
        _installation = installation;
        // The address is for the protocol's sake: the socket is where it goes.
        _operator = GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions
        {
            HttpHandler = new SocketsHttpHandler { ConnectCallback = ConnectAsync },
        });
    }

    public static async Task<Rig> StartAsync(CancellationToken cancellationToken)
    {
        var programs = Programs.Locate();
        var policy = Path.Combine(programs.Repository, "tests/Benchmarks/policy.yaml");
        var rig = new Rig(await LocalInstallation.PrepareAsync(programs, [policy], TimeProvider.System, cancellationToken));
        try
        {
            await rig._installation.Broker.Server.StartAsync(cancellationToken);
            return rig;
        }
        catch
        {
            await rig.DisposeAsync();
            throw;
        }
    }

    /// <summary>A directory on tmpfs for an agent's files.</summary>
    public string NewMount(string name) => _installation.Work.Make($"mount-{name}");

    /// <summary>An address on loopback for an agent's status pages.</summary>
    public static string FreeAddress() => $"127.0.0.1:{FreePort.Choose()}";

    /// <summary>The configuration of an agent that wants these files, each given as the configuration's JSON.</summary>
    public async Task<string> AgentConfigurationAsync(
        string mount, IEnumerable<string> files, CancellationToken cancellationToken, string? listen = null)
    {
        var token = _installation.Work.Write("bench-token", await _installation.Issuer.IssueAsync(
            Pod, DevelopmentIssuer.Audience, TimeSpan.FromHours(2), cancellationToken));
        return $$"""
            { "broker": { "address": "{{_installation.Broker.Address}}", "caFile": "{{_installation.Broker.CaFile}}" },
              "identity": { "tokenFile": "{{token}}" },
              "mountPath": "{{mount}}", "listen": "{{listen ?? FreeAddress()}}", "logLevel": "warn",
              "files": [ {{string.Join(", ", files)}} ] }
            """;
    }

    public static string Secret(int number) => $"kv/bench/secret{number}";

    /// <summary>Stores so many secrets under the mark 0.</summary>
    /// <returns>A file of each, and <see cref="Mark"/> of the first: its last bytes say that all is there.</returns>
    public async Task<IReadOnlyList<string>> PutManyAsync(int secrets, CancellationToken cancellationToken)
    {
        var paths = Enumerable.Range(1, secrets).Select(Secret).ToList();
        foreach (var path in paths)
            await PutAsync(path, "0", cancellationToken);
        return [.. paths.Select(JsonFile), RawFile(Mark, paths[0], "username")];
    }

    /// <summary>The whole secret as a JSON file that is named like it.</summary>
    public static string JsonFile(string secret) =>
        $$"""{ "file": "{{Path.GetFileName(secret)}}.json", "secret": "{{secret}}" }""";

    /// <summary>One field's exact bytes as a file.</summary>
    public static string RawFile(string file, string secret, string field) =>
        $$"""{ "file": "{{file}}", "secret": "{{secret}}", "field": "{{field}}", "format": "raw" }""";

    public RunningProgram StartAgent(string command, string configuration) =>
        new(new LaunchPlan(_installation.Programs.Agent, [command], new Dictionary<string, string>(Programs.Environment)
        {
            ["SIDECAR_AGENT_CONFIG"] = configuration,
        }));

    /// <summary>Stores a version with two fields that both end in the mark.</summary>
    public async Task PutAsync(string path, string mark, CancellationToken cancellationToken)
    {
        var request = new PutSecretRequest { Path = path };
        foreach (var field in new[] { "username", "password" })
            request.Fields.Add(new NewField { Name = field, Value = ByteString.CopyFromUtf8($"{field}-{mark}") });
        await new BrokerAdmin.BrokerAdminClient(_operator).PutSecretAsync(request, cancellationToken: cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        _operator.Dispose();
        await _installation.DisposeAsync();
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(_installation.Broker.AdminSocket), cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
