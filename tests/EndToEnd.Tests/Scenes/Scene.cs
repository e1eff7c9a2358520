using System.Net.Sockets;
using System.Text.Json.Nodes;
using Grpc.Net.Client;
using SidecarAgent.Quickstart.Installation;
using SidecarAgent.Testing;
using SidecarAgent.V1;

namespace SidecarAgent.EndToEnd.Tests.Scenes;

/// <summary>Published programs as real processes: a broker, a webhook, and pods that were admitted by it.</summary>
internal sealed class Scene : IAsyncDisposable
{
    /// <summary>Far more than anything takes: what is not there by then never comes.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(20);

    private readonly CancellationTokenSource _deadline = new(Patience, TimeProvider.System);
    private readonly GrpcChannel _channel;

    private Scene(LocalInstallation installation)
    {
        Installation = installation;
        _channel = Channel(installation.Broker.AdminSocket);
        Admin = new BrokerAdmin.BrokerAdminClient(_channel);
    }

    public LocalInstallation Installation { get; }

    public BrokerAdmin.BrokerAdminClient Admin { get; }

    /// <summary>Cancelled when the test has taken too long.</summary>
    public CancellationToken Deadline => _deadline.Token;

    /// <summary>Broker and webhook run; the workload shop/orders may read everything below kv/shop.</summary>
    public static async Task<Scene> BeginAsync()
    {
        using var policies = TempDirectory.Create();
        var policy = policies.Write("test.yaml", """
            policies:
              - name: orders
                subjects: [ { namespace: shop, serviceAccount: orders } ]
                grants: [ { paths: [ "kv/shop/*" ], ttl: 1h, maxTtl: 24h } ]
            """);
        var installation = await LocalInstallation.PrepareAsync(
            Programs.Locate(), [policy], TimeProvider.System, CancellationToken.None);
        installation.Images["test/shell"] = PodRunner.Some.Shell;
        var scene = new Scene(installation);
        try
        {
            await installation.Broker.Server.StartAsync(scene.Deadline);
            await installation.Webhook.Server.StartAsync(scene.Deadline);
            return scene;
        }
        catch
        {
            await scene.DisposeAsync();
            throw;
        }
    }

    /// <summary>A pod with the example application, as the webhook makes it; it has started when this returns.</summary>
    public Task<ScenePod> RunOrdersAsync(string name, params (string Name, string Value)[] annotations) =>
        RunAsync(name, annotations, new JsonObject
        {
            ["name"] = "app",
            ["image"] = "example/orders:1.0",
            ["env"] = new JsonArray(
                new JsonObject { ["name"] = "ORDERS_SECRET_FILE", ["value"] = "/secrets/db.json" },
                new JsonObject { ["name"] = "ORDERS_LISTEN", ["value"] = "127.0.0.1:8080" }),
        });

    /// <summary>A pod whose application does nothing.</summary>
    public Task<ScenePod> RunIdleAsync(string name, params (string Name, string Value)[] annotations) =>
        RunAsync(name, annotations, new JsonObject
        {
            ["name"] = "app",
            ["image"] = "test/shell",
            ["args"] = new JsonArray("-c", "trap 'exit 0' TERM; while :; do sleep 0.1; done"),
        });

    /// <summary>Puts identifiers and secrets as they are.</summary>
    public async Task PutAsync(string path, params (string Name, string Value)[] fields)
    {
        var request = new PutSecretRequest { Path = path };
        foreach (var (name, value) in fields)
            request.Fields.Add(new NewField { Name = name, Value = Google.Protobuf.ByteString.CopyFromUtf8(value) });
        await Admin.PutSecretAsync(request, cancellationToken: Deadline);
    }

    /// <summary>Puts a user name and a password that the broker makes.</summary>
    public async Task PutGeneratedAsync(string path) => await Admin.PutSecretAsync(
        new PutSecretRequest
        {
            Path = path,
            Fields =
            {
                new NewField { Name = "username", Class = FieldClass.Identifier, Value = Google.Protobuf.ByteString.CopyFromUtf8("orders-app") },
                new NewField { Name = "password", Generate = new Generator { Length = 32 } },
            },
        },
        cancellationToken: Deadline);

    public async Task<ulong> RotateAsync(string path) =>
        (await Admin.RotateSecretAsync(new RotateSecretRequest { Path = path }, cancellationToken: Deadline)).Rotation.ToVersion;

    public async Task<IReadOnlyList<Holder>> HoldersAsync(string path) =>
        (await Admin.ListHoldersAsync(new ListHoldersRequest { Path = path }, cancellationToken: Deadline)).Holders;

    /// <summary>The one lease on a secret, between rotations.</summary>
    public async Task<Holder> HolderAsync(string path) => Assert.Single(await HoldersAsync(path));

    /// <summary>
    /// Waits until the one pod that holds the secret has said that it applied a version, and holds no other any longer.
    /// </summary>
    public Task AppliedAsync(string path, ulong version) => EventuallyAsync(
        $"version {version} of {path} is acknowledged, and no other is held",
        async () => await HoldersAsync(path) is [{ Outcome: Acknowledgement.Types.Outcome.Applied } holder] && holder.Version == version);

    /// <summary>How often the audit log says that a version of a secret was given out.</summary>
    public int Issues(string path) => File.ReadLines(Installation.Broker.AuditFile)
        .Select(line => JsonNode.Parse(line)!)
        .Count(entry => (string?)entry["action"] == "issue" && (string?)entry["path"] == path && (bool)entry["allowed"]!);

    /// <summary>Proves the audit log's integrity.</summary>
    public Task VerifyAuditAsync() =>
        Installation.Sidecarctl.RunAsync(Deadline, "audit", "verify", Installation.Broker.AuditFile);

    /// <summary>Looks again and again until the condition holds.</summary>
    public async Task EventuallyAsync(string condition, Func<Task<bool>> holds)
    {
        try
        {
            while (!await holds())
                await Task.Delay(BetweenLooks, TimeProvider.System, Deadline);
        }
        catch (OperationCanceledException) when (Deadline.IsCancellationRequested)
        {
            Assert.Fail($"never: {condition}\n{LogTail.Of(Installation.Broker.Server.Output)}");
        }
    }

    public Task EventuallyAsync(string condition, Func<bool> holds) =>
        EventuallyAsync(condition, () => Task.FromResult(holds()));

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        await Installation.DisposeAsync();
        _deadline.Dispose();
    }

    private async Task<ScenePod> RunAsync(string name, (string Name, string Value)[] annotations, JsonObject container)
    {
        var asked = annotations.Select(annotation => KeyValuePair.Create<string, JsonNode?>(
            $"sidecar-agent.io/{annotation.Name}", JsonValue.Create(annotation.Value)));
        var pod = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Pod",
            ["metadata"] = new JsonObject
            {
                ["name"] = name,
                ["namespace"] = "shop",
                ["annotations"] = new JsonObject(asked.Append(KeyValuePair.Create<string, JsonNode?>("sidecar-agent.io/inject", "true"))),
            },
            ["spec"] = new JsonObject
            {
                ["serviceAccountName"] = "orders",
                ["containers"] = new JsonArray(container),
            },
        };
        var local = Installation.CreatePod(
            await Installation.AdmitAsync(pod, Deadline),
            (_, _) => { },
            firstRestartDelay: TimeSpan.FromMilliseconds(100),
            CancellationToken.None);
        try
        {
            await local.Run.StartAsync(Deadline);
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"the pod did not start:\n{LogTail.Of(local.Run.Container("sidecar-agent").Output)}");
        }

        return new ScenePod(this, local);
    }

    private static GrpcChannel Channel(string socketPath) => GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions
    {
        DisposeHttpClient = true,
        HttpHandler = new SocketsHttpHandler
        {
            UseProxy = false,
            ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        },
    });
}
