namespace SidecarAgent.Broker.Audit;

/// <summary>An entry whose caller waits until it is on disk, and is then told its place in the chain.</summary>
internal sealed class Waiting(AuditEntry entry)
    : TaskCompletionSource<AuditHead>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    public AuditEntry Entry { get; } = entry;

    /// <summary>Where it was put, while the write is under way.</summary>
    public AuditHead Place { get; set; }
}
