namespace SidecarAgent.Broker.Audit;

/// <summary>Where the chain has got to: the number and the hash (lower-case hex) of the last entry.</summary>
internal readonly record struct AuditHead(long Sequence, string Hash)
{
    /// <summary>Before the first entry.</summary>
    public static AuditHead None { get; } = new(0, new string('0', 64));
}
