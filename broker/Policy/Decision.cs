namespace SidecarAgent.Broker.Policy;

/// <summary>What the policies say about one workload and one path. <see cref="Explanation"/> is for people.</summary>
internal abstract record Decision(string Explanation)
{
    /// <summary>The path is granted.</summary>
    /// <param name="Policy">The policy that decides.</param>
    /// <param name="Fields">The fields that may be read; null: all of them.</param>
    /// <param name="Ttl">How long a lease lives before it must be renewed.</param>
    /// <param name="MaxTtl">How long renewals can keep it alive.</param>
    /// <param name="Explanation">Which policy and grant decide.</param>
    public sealed record Allowed(
        string Policy,
        IReadOnlySet<string>? Fields,
        TimeSpan Ttl,
        TimeSpan MaxTtl,
        string Explanation) : Decision(Explanation);

    /// <summary>No policy grants the path, or one of the fields that were asked for by name.</summary>
    public sealed record Refused(string Explanation) : Decision(Explanation);
}
