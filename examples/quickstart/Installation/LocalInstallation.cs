using System.Text.Json.Nodes;
using SidecarAgent.Quickstart.PodRunner;

namespace SidecarAgent.Quickstart.Installation;

/// <summary>Everything of a small installation on one machine: broker, webhook, issuer, operator, and pods that run.</summary>
internal sealed class LocalInstallation : IAsyncDisposable
{
    /// <summary>The port of the agent's metrics, as pods know it.</summary>
    private const int AgentMetricsPort = 9464;

    /// <summary>The port of the example application, as its pod knows it.</summary>
    private const int OrdersPort = 8080;

    private readonly TimeProvider _time;
    private readonly List<PodRun> _pods = [];

    private LocalInstallation(
        Programs programs,
        WorkDirectory work,
        Command sidecarctl,
        DevelopmentIssuer issuer,
        LocalBroker broker,
        LocalWebhook webhook,
        TimeProvider time)
    {
        Programs = programs;
        Work = work;
        Sidecarctl = sidecarctl;
        Issuer = issuer;
        Broker = broker;
        Webhook = webhook;
        _time = time;
        Images = new Dictionary<string, LocalImage>
        {
            [LocalWebhook.AgentImage] = new(
                programs.Agent, new Dictionary<string, string> { ["/sidecar-agent"] = programs.Agent }, Programs.Environment),
            ["example/orders:1.0"] = new(programs.Orders, new Dictionary<string, string>(), Programs.Environment),
        };
    }

    /// <summary>What stands in for images, by name; more can be added before a pod is created.</summary>
    public Dictionary<string, LocalImage> Images { get; }

    public Programs Programs { get; }

    public WorkDirectory Work { get; }

    /// <summary>Talks to the broker through the operators' socket.</summary>
    public Command Sidecarctl { get; }

    public DevelopmentIssuer Issuer { get; }

    public LocalBroker Broker { get; }

    public LocalWebhook Webhook { get; }

    /// <summary>Makes keys, certificates and configurations. Nothing runs yet.</summary>
    /// <param name="policies">The broker's policy files.</param>
    /// <exception cref="InstallationException"/>
    public static async Task<LocalInstallation> PrepareAsync(
        Programs programs, IEnumerable<string> policies, TimeProvider time, CancellationToken cancellationToken)
    {
        var work = new WorkDirectory();
        try
        {
            var environment = new Dictionary<string, string>(Programs.Environment)
            {
                ["SIDECARCTL_BROKER"] = $"unix://{work.Make("broker")}/admin.sock",
            };
            var sidecarctl = new Command(programs.Sidecarctl, environment, work.Logs, time);
            var issuer = new DevelopmentIssuer(sidecarctl, work.Make("issuer"));
            await issuer.CreateKeyAsync(cancellationToken);
            var broker = await LocalBroker.PrepareAsync(programs, work, sidecarctl, issuer, policies, time, cancellationToken);
            var webhook = await LocalWebhook.PrepareAsync(programs, work, sidecarctl, broker, time, cancellationToken);
            return new LocalInstallation(programs, work, sidecarctl, issuer, broker, webhook, time);
        }
        catch
        {
            work.Dispose();
            throw;
        }
    }

    /// <summary>The pod as the API server would store it: what the webhook patches into it is in it.</summary>
    /// <exception cref="InstallationException"/>
    public async Task<JsonObject> AdmitAsync(JsonObject pod, CancellationToken cancellationToken)
    {
        using var client = new AdmissionClient(Webhook.Address, Webhook.CaFile);
        return JsonPatch.Apply(pod, await client.ReviewAsync(pod, cancellationToken));
    }

    /// <summary>A pod of this machine; it is stopped with the installation, unless it was disposed before.</summary>
    /// <exception cref="InvalidPodException"/>
    /// <param name="ending">When cancelled, no container is started again.</param>
    public LocalPod CreatePod(
        JsonObject pod, Action<string, OutputLine> onLine, TimeSpan firstRestartDelay, CancellationToken ending)
    {
        var definition = PodReader.Read(pod, Environment.MachineName.ToLowerInvariant(), Guid.NewGuid());
        var name = $"pod-{definition.Identity.Name}";
        var ports = new Dictionary<int, int> { [AgentMetricsPort] = FreePort.Choose(), [OrdersPort] = FreePort.Choose() };
        var run = PodRun.Create(definition, new PodRunOptions
        {
            Directory = Path.Combine(Work.Root, name),
            LogDirectory = Work.Make($"logs/{name}"),
            Images = Images,
            IssueToken = Issuer.IssueAsync,
            Ports = new PortMap(ports),
            Time = _time,
            FirstRestartDelay = firstRestartDelay,
            Ending = ending,
            OnLine = onLine,
        });
        _pods.Add(run);
        return new LocalPod(run, ports[AgentMetricsPort], ports[OrdersPort]);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var pod in _pods)
            await pod.DisposeAsync();
        await Webhook.Server.DisposeAsync();
        await Broker.Server.DisposeAsync();
        Work.Dispose();
    }
}
