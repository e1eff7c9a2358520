using Microsoft.Extensions.Logging;

namespace SidecarAgent.Agent.Leases;

/// <summary>
/// Says so when a lease has passed its end without being renewed. The files stay: while the broker is away an application
/// is better off with a credential that may still work than with none.
/// </summary>
internal sealed partial class LeaseExpiry(LeaseBook book, TimeProvider time, ILogger<LeaseExpiry> log)
{
    private readonly HashSet<string> _said = new(StringComparer.Ordinal);

    /// <summary>Until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var changed = book.Changed;
            var leases = book.All();
            var now = time.GetUtcNow();
            Say(leases, now);
            var alive = leases.Where(lease => !lease.HasEnded(now)).Select(lease => (DateTimeOffset?)lease.ExpiresAt);
            await LeaseWait.UntilAsync(changed, alive.Min(), time, cancellationToken);
        }
    }

    private void Say(IReadOnlyList<HeldLease> leases, DateTimeOffset now)
    {
        var ended = leases.Where(lease => lease.HasEnded(now)).ToList();
        _said.IntersectWith(ended.Select(lease => lease.Id));
        foreach (var lease in ended.Where(lease => _said.Add(lease.Id)))
            LogStale(log, lease.Path, lease.ExpiresAt);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The lease of {Secret} passed its end at {End:u} and could not be renewed; its files stay until the broker says otherwise")]
    private static partial void LogStale(ILogger log, string secret, DateTimeOffset end);
}
