namespace SidecarAgent.Webhook.Kubernetes;

/// <summary>How long to wait after so many failures in a row: doubling, up to a minute, never in step with other replicas.</summary>
internal static class Backoff
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    /// <param name="failures">At least 1.</param>
    /// <param name="random">From 0 to 1.</param>
    /// <returns>From half to the whole of the doubled time.</returns>
    public static TimeSpan After(int failures, double random)
    {
        const int DoublingsToLongest = 6;
        var full = Math.Min(First.TotalSeconds * (1 << Math.Min(failures - 1, DoublingsToLongest)), Longest.TotalSeconds);
        return TimeSpan.FromSeconds(full * (1 + random) / 2);
    }
}
