using System.Security.Cryptography;

namespace SidecarAgent.Broker.Crypto;

/// <summary>
/// A KEK in another process or device, with what it takes to live with one: data keys that it has unwrapped are kept
/// for a while, so that it need not be asked for each value; when it does not answer, those go on for as long after its
/// last answer; and while it is known to be away nobody waits for it but the loop that looks whether it is back.
/// </summary>
/// <param name="key">The key itself. Disposed with this.</param>
/// <param name="name">How messages call it.</param>
/// <param name="keep">How long an unwrapped data key serves without being confirmed; zero: not at all.</param>
/// <param name="clock">The time.</param>
/// <param name="logger">Is told when the key goes away and comes back.</param>
internal sealed partial class OutsideKey(
    IKeyWrapper key, string name, TimeSpan keep, TimeProvider clock, ILogger logger) : IKeyWrapper
{
    private const string NotAsked = "it was not asked yet";

    private static readonly TimeSpan LookWhileUp = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LookWhileDown = TimeSpan.FromSeconds(1);

    private readonly DataKeyCache _cache = new();
    private readonly Dictionary<DataKeyCache.Name, Task> _underway = [];
    private readonly Lock _lock = new();
    private readonly DateTimeOffset _began = clock.GetUtcNow();
    private readonly long _beganAt = clock.GetTimestamp();
    private State _state = new(new KeyServiceHealth(name, NotAsked, null), default);
    private bool _logged;

    public string? KeyId => key.KeyId;

    public KeyServiceHealth Health => Volatile.Read(ref _state).Health;

    /// <summary>How many data keys are in memory.</summary>
    public int KeptKeys => _cache.Count;

    public bool Knows(string keyId) => key.Knows(keyId);

    public bool TryUnwrap(WrappedKey wrapped, Span<byte> dataKey) =>
        TryUnwrap(DataKeyCache.Name.Of(wrapped), dataKey);

    public async ValueTask<WrappedKey> WrapAsync(ReadOnlyMemory<byte> dataKey, CancellationToken cancellationToken)
    {
        ThrowIfAway();
        var wrapped = await AskAsync(() => key.WrapAsync(dataKey, cancellationToken));
        if (keep > TimeSpan.Zero && dataKey.Length == DataKeyCache.KeySize)
            _cache.Add(DataKeyCache.Name.Of(wrapped), dataKey.Span, Steady);
        return wrapped;
    }

    public async ValueTask UnwrapAsync(WrappedKey wrapped, Memory<byte> dataKey, CancellationToken cancellationToken)
    {
        var wrappedName = DataKeyCache.Name.Of(wrapped);
        if (TryUnwrap(wrappedName, dataKey.Span))
            return;
        ThrowIfAway();
        if (keep == TimeSpan.Zero || dataKey.Length != DataKeyCache.KeySize)
        {
            await UnwrapNowAsync(wrapped, dataKey, cancellationToken);
            return;
        }

        try
        {
            await FetchOnceAsync(wrappedName, wrapped).WaitAsync(cancellationToken);
        }
        catch (KeyUnavailableException) when (TryUnwrap(wrappedName, dataKey.Span))
        {
            // The first to find out that it is away; the key that is in memory goes on.
            return;
        }

        if (!TryUnwrap(wrappedName, dataKey.Span))
            await UnwrapNowAsync(wrapped, dataKey, cancellationToken);
    }

    public async ValueTask CheckAsync(CancellationToken cancellationToken)
    {
        await AskAsync(async () =>
        {
            await key.CheckAsync(cancellationToken);
            return true;
        });
    }

    /// <summary>Looks after the key service and the data keys in memory until it is cancelled; then it throws.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await CheckAsync(cancellationToken);
            }
            catch (KeyUnavailableException)
            {
                // Logged when it began, and said by Health as long as it lasts.
            }

            _cache.RemoveConfirmedBefore(ConfirmedSince());
            await Task.Delay(Health.Problem is null ? LookWhileUp : LookWhileDown, clock, cancellationToken);
        }
    }

    public void Dispose()
    {
        key.Dispose();
        _cache.Dispose();
    }

    private bool TryUnwrap(DataKeyCache.Name wrappedName, Span<byte> dataKey) =>
        keep > TimeSpan.Zero && dataKey.Length == DataKeyCache.KeySize
        && _cache.TryGet(wrappedName, ConfirmedSince(), dataKey);

    /// <summary>
    /// Data keys that were confirmed before are too old. While the key service is away, the time since its last answer
    /// counts, so that all of them go on equally long.
    /// </summary>
    private DateTimeOffset ConfirmedSince()
    {
        var (now, state) = (Steady, Volatile.Read(ref _state));
        if (state.Health is not { Problem: not null, LastAnswer: not null })
            return now - keep;
        return now - state.AnsweredAt < keep ? DateTimeOffset.MinValue : DateTimeOffset.MaxValue;
    }

    /// <summary>
    /// The time as it would be had nobody set the clock since this began: one that is set back must not keep a key alive
    /// that was taken away.
    /// </summary>
    private DateTimeOffset Steady => _began + clock.GetElapsedTime(_beganAt);

    private void ThrowIfAway()
    {
        if (Health.Problem is { } problem and not NotAsked)
            throw new KeyUnavailableException(problem);
    }

    /// <summary>However many ask for a data key at once, the key service is asked once; nobody's hanging up ends it.</summary>
    private Task FetchOnceAsync(DataKeyCache.Name wrappedName, WrappedKey wrapped)
    {
        lock (_lock)
        {
            if (!_underway.TryGetValue(wrappedName, out var fetch))
            {
                fetch = Task.Run(() => FetchAsync(wrappedName, wrapped));
                _underway.Add(wrappedName, fetch);
            }

            return fetch;
        }
    }

    private async Task FetchAsync(DataKeyCache.Name wrappedName, WrappedKey wrapped)
    {
        try
        {
            using var dataKey = new SecretBytes(DataKeyCache.KeySize);
            await UnwrapNowAsync(wrapped, dataKey.Memory, CancellationToken.None);
            _cache.Add(wrappedName, dataKey.Span, Steady);
        }
        catch (CryptographicException)
        {
            // It answers, and says no: then a copy in memory must not go on either.
            _cache.Remove(wrappedName);
            throw;
        }
        finally
        {
            lock (_lock)
                _underway.Remove(wrappedName);
        }
    }

    private async ValueTask UnwrapNowAsync(WrappedKey wrapped, Memory<byte> dataKey, CancellationToken cancellationToken) =>
        await AskAsync(async () =>
        {
            await key.UnwrapAsync(wrapped, dataKey, cancellationToken);
            return true;
        });

    private async ValueTask<T> AskAsync<T>(Func<ValueTask<T>> ask)
    {
        try
        {
            var answer = await ask();
            Note(null);
            return answer;
        }
        catch (CryptographicException)
        {
            Note(null);
            throw;
        }
        catch (KeyUnavailableException e)
        {
            Note(e.Message);
            throw;
        }
    }

    private void Note(string? problem)
    {
        bool wasLogged;
        lock (_lock)
        {
            _state = problem is null
                ? new State(new KeyServiceHealth(name, null, clock.GetUtcNow()), Steady)
                : _state with { Health = _state.Health with { Problem = problem } };
            wasLogged = _logged;
            _logged = problem is not null;
        }

        if (problem is null && wasLogged)
            LogBack(name);
        else if (problem is not null && !wasLogged)
            LogAway(name, problem, keep.TotalSeconds);
    }

    [LoggerMessage(LogLevel.Error, "The key service {Name} cannot be used: {Problem}. What was read lately can be read for {Seconds} s after its last answer; everything else is refused until it is back.")]
    private partial void LogAway(string name, string problem, double seconds);

    [LoggerMessage(LogLevel.Information, "The key service {Name} can be used again.")]
    private partial void LogBack(string name);

    /// <param name="Health">For people.</param>
    /// <param name="AnsweredAt">When it could be used last, as <see cref="Steady"/> says; the beginning of time: never yet.</param>
    private sealed record State(KeyServiceHealth Health, DateTimeOffset AnsweredAt);
}
