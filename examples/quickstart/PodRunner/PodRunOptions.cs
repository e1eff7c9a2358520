namespace SidecarAgent.Quickstart.PodRunner;

/// <summary>What one machine offers in the place of a cluster.</summary>
internal sealed record PodRunOptions
{
    /// <summary>On a tmpfs; made with mode 0700 and removed at the end. The volumes are in it.</summary>
    public required string Directory { get; init; }

    /// <summary>One file for each container is made or continued here.</summary>
    public required string LogDirectory { get; init; }

    /// <summary>By the name that the pod uses.</summary>
    public required IReadOnlyDictionary<string, LocalImage> Images { get; init; }

    public required TokenIssuer IssueToken { get; init; }

    public PortMap Ports { get; init; } = new(new Dictionary<int, int>());

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Before a container is started again for the second time; see <see cref="RestartRule.Delay"/>.</summary>
    public TimeSpan FirstRestartDelay { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// When cancelled, nothing is started again: Ctrl-C reaches the containers' processes, too, and those that it ends are
    /// not missed.
    /// </summary>
    public CancellationToken Ending { get; init; }

    /// <summary>How long a container may take to end after SIGTERM.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Told of each line, with the container's name; "pod" for what the runner itself has to say.</summary>
    public Action<string, OutputLine> OnLine { get; init; } = (_, _) => { };
}
