using SidecarAgent.Broker.Configuration;

namespace SidecarAgent.Broker.Audit;

/// <summary>
/// Signs the chain now and then, and says number and hash in the broker's own log, which most clusters ship elsewhere at
/// once: an end that is cut off or rewritten later is then missed there.
/// </summary>
internal sealed partial class AuditCheckpoints(AuditLog log, AuditOptions options, TimeProvider clock, ILogger<AuditCheckpoints> logger)
{
    private long _signed;

    /// <summary>Works until it is cancelled, and signs once more then.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (options.Checkpoints is not { Every: var every })
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, clock, cancellationToken);
            return;
        }

        using var timer = new PeriodicTimer(every, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
                await SignAsync();
        }
        finally
        {
            await SignAsync();
        }
    }

    private async Task SignAsync()
    {
        // The checkpoint itself is no news; what was written while it was being signed is.
        if (log.Last == _signed)
            return;
        try
        {
            var place = await log.AppendAsync(new AuditEntry(AuditAction.Checkpoint, Allowed: true), CancellationToken.None);
            _signed = place.Sequence;
            LogSigned(place.Sequence, place.Hash);
        }
        catch (AuditUnavailableException)
        {
            // The log itself has said so; the next checkpoint covers what this one would have.
        }
    }

    [LoggerMessage(LogLevel.Information, "The audit log is signed up to entry {Sequence}, whose hash is {Hash}.")]
    private partial void LogSigned(long sequence, string hash);
}
