namespace SidecarAgent.Broker.Configuration;

/// <summary>What rotations do where nobody says otherwise.</summary>
/// <param name="Deadline">
/// <c>deadline</c>: how long holders have to acknowledge a new version before the old one goes; 1s to 30d, default 1h.
/// </param>
internal sealed record RotationOptions(TimeSpan Deadline)
{
    public static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan Longest = TimeSpan.FromDays(30);

    public static RotationOptions Default { get; } = new(TimeSpan.FromHours(1));
}
