namespace SidecarAgent.Broker.Audit;

/// <summary>The append-only, hash-chained record of every access. docs/audit.md has its format.</summary>
internal sealed class AuditLog : IAsyncDisposable
{
    /// <summary>Continues the log, or begins it, with a <see cref="AuditAction.Started"/> entry.</summary>
    /// <exception cref="AuditUnavailableException">It cannot be continued; the message says what to do.</exception>
    public static Task<AuditLog> OpenAsync(string file, TimeProvider clock, ILogger<AuditLog> logger) =>
        throw new NotImplementedException($"{file}{clock}{logger}");

    /// <summary>Completes when the entry is on disk.</summary>
    /// <exception cref="AuditUnavailableException">It could not be written.</exception>
    public Task AppendAsync(AuditEntry entry, CancellationToken cancellationToken) =>
        throw new NotImplementedException($"{this}{entry}{cancellationToken}");

    /// <summary>Writes what is waiting and closes the file.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
