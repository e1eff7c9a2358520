using SidecarAgent.Quickstart.PodRunner;

namespace SidecarAgent.Quickstart.Installation;

/// <summary>A running pod, and where its ports are on this machine.</summary>
internal sealed class LocalPod(PodRun run, int agentPort, int applicationPort)
{
    public PodRun Run { get; } = run;

    /// <summary>The agent's metrics and health.</summary>
    public Uri Agent { get; } = new($"http://127.0.0.1:{agentPort}");

    /// <summary>The example application.</summary>
    public Uri Application { get; } = new($"http://127.0.0.1:{applicationPort}");
}
