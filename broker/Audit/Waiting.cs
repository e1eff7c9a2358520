namespace SidecarAgent.Broker.Audit;

/// <summary>An entry whose caller waits until it is on disk.</summary>
internal sealed class Waiting(AuditEntry entry)
    : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
{
    public AuditEntry Entry { get; } = entry;
}
