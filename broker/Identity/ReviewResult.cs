namespace SidecarAgent.Broker.Identity;

/// <summary>What the API server of a cluster says of a token.</summary>
internal abstract record ReviewResult
{
    /// <summary>Its pod and service account are still there.</summary>
    public sealed record Good : ReviewResult;

    /// <param name="Problem">What it said; safe to log.</param>
    public sealed record Refused(string Problem) : ReviewResult;

    /// <summary>It said nothing.</summary>
    /// <param name="Problem">Why; safe to log.</param>
    public sealed record Unavailable(string Problem) : ReviewResult;
}
