namespace SidecarAgent.Broker.Rotation;

/// <summary>How long a step that failed is left alone before it is tried again.</summary>
internal static class RotationBackoff
{
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);

    /// <param name="attempts">Attempts that failed, at least 1.</param>
    /// <param name="random">Evenly distributed in [0, 1).</param>
    /// <returns>Doubling from 1 s to 5 min, of which between half and all.</returns>
    public static TimeSpan Delay(int attempts, double random)
    {
        var ceiling = Shortest * Math.Pow(2, Math.Clamp(attempts - 1, 0, 20));
        if (ceiling > Longest)
            ceiling = Longest;
        return ceiling * (0.5 + (0.5 * random));
    }
}
