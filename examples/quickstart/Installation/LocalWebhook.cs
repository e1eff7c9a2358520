using SidecarAgent.Quickstart.PodRunner;

namespace SidecarAgent.Quickstart.Installation;

/// <summary>A webhook on loopback that injects the agent of this repository.</summary>
/// <param name="Plan">How <paramref name="Server"/> is started.</param>
/// <param name="Address">HTTPS.</param>
/// <param name="CaFile">PEM of the CA that its certificate comes from.</param>
internal sealed record LocalWebhook(Server Server, LaunchPlan Plan, Uri Address, Uri MetricsAddress, string CaFile)
{
    /// <summary>The image that it injects; the pod runner runs the published agent in its place.</summary>
    public const string AgentImage = "sidecar-agent:local";

    /// <summary>A certificate and the configuration are made; nothing runs yet.</summary>
    /// <exception cref="InstallationException"/>
    public static async Task<LocalWebhook> PrepareAsync(
        Programs programs,
        WorkDirectory work,
        Command sidecarctl,
        LocalBroker broker,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        var directory = work.Make("webhook");
        await sidecarctl.RunAsync(cancellationToken, "dev", "certificate", "--host", "127.0.0.1", "--out", directory);
        var port = FreePort.Choose();
        var metricsPort = FreePort.Choose();
        var configuration = work.Write("webhook/webhook.yaml", $$"""
            listen: 127.0.0.1:{{port}}
            metricsListen: 127.0.0.1:{{metricsPort}}
            tls: { certFile: {{directory}}/tls.crt, keyFile: {{directory}}/tls.key }
            agent: { image: "{{AgentImage}}" }
            broker: { address: "{{broker.Address.AbsoluteUri.TrimEnd('/')}}", caFile: {{broker.CaFile}}, audience: {{DevelopmentIssuer.Audience}} }
            """);
        var plan = new LaunchPlan(programs.Webhook, ["run", "--config", configuration], new Dictionary<string, string>(Programs.Environment)
        {
            // As its image has it.
            ["DOTNET_GCgen0size"] = "400000",
        });
        var metrics = new Uri($"http://127.0.0.1:{metricsPort}/metrics");
        var server = new Server("webhook", plan, new Uri(metrics, "/readyz"), work.Logs, time);
        return new LocalWebhook(server, plan, new Uri($"https://127.0.0.1:{port}"), metrics, Path.Combine(directory, "ca.crt"));
    }
}
