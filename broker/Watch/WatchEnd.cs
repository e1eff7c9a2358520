namespace SidecarAgent.Broker.Watch;

/// <summary>What ends a watch: its caller hangs up, its token expires or is no longer believed, or the broker stops.</summary>
internal sealed class WatchEnd : IDisposable
{
    private readonly CancellationTokenSource _tokenExpired;
    private readonly CancellationTokenSource _any;
    private readonly CancellationToken _stopping;
    private readonly CancellationToken _hungUp;
    private readonly WatchedToken? _token;

    public WatchEnd(DateTimeOffset tokenExpiresAt, TimeProvider clock, CancellationToken stopping, CancellationToken hungUp)
        : this(tokenExpiresAt, clock, null, stopping, hungUp)
    {
    }

    /// <param name="tokenExpiresAt">When the token ends by itself.</param>
    /// <param name="clock">The time.</param>
    /// <param name="token">Ends the watch when it is no longer believed.</param>
    /// <param name="stopping">The broker stops.</param>
    /// <param name="hungUp">The caller has gone.</param>
    public WatchEnd(
        DateTimeOffset tokenExpiresAt, TimeProvider clock, WatchedToken? token, CancellationToken stopping,
        CancellationToken hungUp)
    {
        _token = token;
        var left = tokenExpiresAt - clock.GetUtcNow();
        // A timer takes at most 49 days. A token that lives longer ends the watch before its time, which does no harm.
        var longest = TimeSpan.FromDays(30);
        _tokenExpired = new CancellationTokenSource(
            left < TimeSpan.Zero ? TimeSpan.Zero : left < longest ? left : longest, clock);
        _stopping = stopping;
        _hungUp = hungUp;
        _any = CancellationTokenSource.CreateLinkedTokenSource(
            [_tokenExpired.Token, stopping, hungUp, .. token is null ? [] : new[] { token.Refused }]);
    }

    /// <summary>Cancelled when any of them has happened.</summary>
    public CancellationToken Token => _any.Token;

    public bool IsOver => _any.IsCancellationRequested;

    /// <summary>How the call ends for the caller; null: it has hung up, and hears nothing.</summary>
    /// <param name="farewell">Says when to come back.</param>
    public RequestFailedException? Failure(Farewell farewell)
    {
        if (_hungUp.IsCancellationRequested)
            return null;
        if (_stopping.IsCancellationRequested)
        {
            return new RequestFailedException(ErrorReason.Stopping, "the broker is stopping; connect again")
            {
                RetryAfter = farewell.Next(),
            };
        }

        return _token?.Problem is { } problem
            ? new RequestFailedException(ErrorReason.TokenInvalid, problem)
            : new RequestFailedException(
                ErrorReason.TokenExpired, "the token has expired; read it again and open the watch again");
    }

    public void Dispose()
    {
        _any.Dispose();
        _tokenExpired.Dispose();
    }
}
