using SidecarAgent.Broker.Audit;

namespace SidecarAgent.Broker.Secrets;

/// <summary>What is known about one version.</summary>
/// <param name="Version">Its number.</param>
/// <param name="ActiveSince">Since when it is served; null: it is not.</param>
/// <param name="Stored">The version itself; null: it is no longer stored.</param>
/// <param name="Records">What the audit log says, oldest first.</param>
/// <param name="Truncated">There were more records; these are the newest.</param>
internal sealed record VersionHistory(
    ulong Version, DateTimeOffset? ActiveSince, SecretVersion? Stored, IReadOnlyList<AuditRecord> Records, bool Truncated);
