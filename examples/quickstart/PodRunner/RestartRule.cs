namespace SidecarAgent.Quickstart.PodRunner;

internal enum ContainerKind
{
    /// <summary>Runs to its end before the next container starts.</summary>
    Init,

    /// <summary>Has started when its postStart command has ended; runs as long as the pod.</summary>
    Sidecar,

    /// <summary>What the pod is there for.</summary>
    Application,
}

/// <summary>The kubelet's rules for a container that has ended by itself.</summary>
internal static class RestartRule
{
    private static readonly TimeSpan LongestDelay = TimeSpan.FromMinutes(5);

    public static bool StartsAgain(ContainerKind kind, RestartPolicy policy, int exitCode) => kind switch
    {
        ContainerKind.Sidecar => true,
        ContainerKind.Init => exitCode != 0 && policy != RestartPolicy.Never,
        _ => policy == RestartPolicy.Always || (policy == RestartPolicy.OnFailure && exitCode != 0),
    };

    /// <summary>At once the first time, then <paramref name="first"/>, doubled each time, up to five minutes.</summary>
    /// <param name="restarts">How often the container was started again already.</param>
    /// <param name="first">The kubelet's is 10 s.</param>
    public static TimeSpan Delay(int restarts, TimeSpan first) =>
        restarts == 0
            ? TimeSpan.Zero
            : TimeSpan.FromTicks(Math.Min(LongestDelay.Ticks, first.Ticks << Math.Min(restarts - 1, 10)));
}
