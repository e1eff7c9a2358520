namespace SidecarAgent.Broker.Policy;

/// <summary>What the policies say about one workload and one path. <see cref="Explanation"/> is for people.</summary>
internal abstract record Decision
{
    /// <summary>Which policy and grant decide, or why none does. Made when it is read: next to nobody asks why something is allowed.</summary>
    public abstract string Explanation { get; }

    /// <summary>The path is granted.</summary>
    /// <param name="Grants">What the answer rests on; at least one.</param>
    /// <param name="Fields">The fields that may be read; null: all of them.</param>
    /// <param name="Ttl">How long a lease lives before it must be renewed.</param>
    /// <param name="MaxTtl">How long renewals can keep it alive.</param>
    public sealed record Allowed(
        IReadOnlyList<GrantMatch> Grants,
        IReadOnlySet<string>? Fields,
        TimeSpan Ttl,
        TimeSpan MaxTtl) : Decision
    {
        /// <summary>The names of the policies that decide.</summary>
        public string Policy => AccessPolicy.Names(Grants.Select(match => match.Policy).Distinct());

        public override string Explanation => $"allowed by {GrantMatch.Explain(Grants)}";
    }

    /// <summary>No policy grants the path, or one of the fields that were asked for by name.</summary>
    public sealed record Refused(string Why) : Decision
    {
        public override string Explanation => Why;
    }
}
