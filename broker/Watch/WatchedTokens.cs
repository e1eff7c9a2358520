using SidecarAgent.Broker.Identity;

namespace SidecarAgent.Broker.Watch;

/// <summary>
/// Looks again at the tokens of open watches: each about once a minute, and all when an issuer's keys change. So neither
/// a deleted pod nor a key that its issuer has withdrawn keeps a watch open until the token ends. A few at a time, so that
/// thousands of watches are no storm at the API server, and those that it does not answer do not hold up the others.
/// </summary>
internal sealed class WatchedTokens(TokenVerifier verifier, TrustedIssuers issuers, TimeProvider clock)
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);
    private const int AtATime = 8;

    private readonly Lock _lock = new();
    private readonly HashSet<WatchedToken> _tokens = [];

    /// <param name="text">A token that was just verified.</param>
    public WatchedToken Add(string text)
    {
        var token = new WatchedToken(this, text) { CheckedAt = clock.GetTimestamp() };
        lock (_lock)
            _tokens.Add(token);
        return token;
    }

    public void Remove(WatchedToken token)
    {
        lock (_lock)
            _tokens.Remove(token);
    }

    /// <summary>Looks until it is cancelled; then it throws.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var seen = issuers.KeyChanges;
        using var timer = new PeriodicTimer(Tick, clock);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            var changes = issuers.KeyChanges;
            await CheckAsync(all: changes != seen, cancellationToken);
            seen = changes;
        }
    }

    private async Task CheckAsync(bool all, CancellationToken cancellationToken)
    {
        WatchedToken[] due;
        lock (_lock)
            due = [.. _tokens.Where(token => all || clock.GetElapsedTime(token.CheckedAt) >= Every)];
        var options = new ParallelOptions { MaxDegreeOfParallelism = AtATime, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(due, options, CheckAsync);
    }

    private async ValueTask CheckAsync(WatchedToken token, CancellationToken cancellationToken)
    {
        token.CheckedAt = clock.GetTimestamp();
        // An outage is no reason to end what was begun in good faith: the pods would lose their watches all at once.
        // And the watch knows by itself when its token's time is over.
        if (await verifier.VerifyAsync(token.Text, cancellationToken) is TokenResult.Rejected
            {
                Reason: not (TokenRejection.KeysUnavailable or TokenRejection.ReviewUnavailable or TokenRejection.Expired),
            } rejected)
            token.Refuse(rejected.Message);
    }
}
