using System.Security.Cryptography;

namespace SidecarAgent.Broker.Identity;

/// <summary>
/// An issuer's keys as they were last had. They are looked for again from time to time, and when a token names a key that
/// is not among them. While that fails, the last good ones serve on, without a limit: an issuer that is away is no reason
/// to turn away those whom it has vouched for.
/// </summary>
internal sealed partial class IssuerKeys(string issuer, KeySetReader reader, TimeProvider clock, ILogger logger)
{
    private static readonly TimeSpan RetryAfterFailure = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private volatile KeySet? _current;
    private volatile string? _problem;
    private Task _refresh = Task.CompletedTask;
    private long? _lastRefresh;
    private long _changes;

    /// <summary>Null: they were never had. The same object as long as nothing changes.</summary>
    public KeySet? Current => _current;

    /// <summary>How often the keys were other ones than before.</summary>
    public long Changes => Interlocked.Read(ref _changes);

    /// <summary>Why the keys could not be had the last time; null: they could.</summary>
    public string? Problem => _problem;

    /// <summary>The keys, looked for again if the named one is not among them and the last look is long enough ago.</summary>
    /// <returns>Null: they were never had.</returns>
    public async ValueTask<KeySet?> FindAsync(string keyId, CancellationToken cancellationToken)
    {
        if (_current is not { } keys || !keys.TryGet(keyId, out _))
            await RefreshAsync(reader.Pause).WaitAsync(cancellationToken);
        return _current;
    }

    /// <summary>Looks for changes until it is cancelled; then it throws.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await RefreshAsync(TimeSpan.Zero).WaitAsync(cancellationToken);
            var wait = _problem is null ? reader.Refresh : RetryAfterFailure;
            await Task.Delay(Spread(wait, RandomNumberGenerator.GetInt32(1000)), clock, cancellationToken);
        }
    }

    /// <summary>A tenth sooner or later, so that many brokers do not ask at once.</summary>
    private static TimeSpan Spread(TimeSpan wait, int random) => wait * (0.9 + 0.2 * random / 1000);

    /// <summary>One refresh at a time, for all who wait; nobody's cancellation ends it, its own time limit does.</summary>
    private Task RefreshAsync(TimeSpan pause)
    {
        lock (_gate)
        {
            if (_refresh.IsCompleted && (_lastRefresh is not { } last || clock.GetElapsedTime(last) >= pause))
            {
                _lastRefresh = clock.GetTimestamp();
                _refresh = Task.Run(ReadAsync);
            }

            return _refresh;
        }
    }

    private async Task ReadAsync()
    {
        try
        {
            var text = await reader.Read(CancellationToken.None);
            if (text != _current?.Text)
            {
                _current = KeySet.Parse(text, reader.IsSpiffe);
                Interlocked.Increment(ref _changes);
            }

            if (Interlocked.Exchange(ref _problem, null) is not null)
                LogAvailable(issuer);
        }
        catch (KeysUnavailableException e)
        {
            if (Interlocked.Exchange(ref _problem, e.Message) is null)
                LogUnavailable(e, issuer, _current is null ? "its tokens are refused" : "its last good keys serve on", e.Message);
        }
    }

    [LoggerMessage(LogLevel.Warning, "The keys of the issuer {Issuer} cannot be had, so {Consequence}: {Problem}")]
    private partial void LogUnavailable(Exception exception, string issuer, string consequence, string problem);

    [LoggerMessage(LogLevel.Information, "The keys of the issuer {Issuer} can be had again")]
    private partial void LogAvailable(string issuer);
}
