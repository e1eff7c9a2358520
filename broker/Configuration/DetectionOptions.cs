using SidecarAgent.Broker.Detection;

namespace SidecarAgent.Broker.Configuration;

/// <summary><c>detection</c>: what the broker looks for in what workloads ask for.</summary>
internal sealed record DetectionOptions
{
    /// <summary><c>canaries</c>: default none.</summary>
    public IReadOnlyList<Canary> Canaries { get; init; } = [];

    /// <summary>
    /// <c>rememberAccess</c>: how long a workload may go without a secret before taking it counts as the first time again;
    /// 1d to 3650d, default 90d.
    /// </summary>
    public TimeSpan RememberAccess { get; init; } = TimeSpan.FromDays(90);

    /// <summary><c>spread.secrets</c>: more different secrets than this are unusual; 0 to 1000, default 30. 0: nothing is.</summary>
    public int SpreadSecrets { get; init; } = 30;

    /// <summary><c>spread.within</c>: in this time; 1m to 24h, default 10m.</summary>
    public TimeSpan SpreadWithin { get; init; } = TimeSpan.FromMinutes(10);

    public static DetectionOptions Default { get; } = new();
}
