using SidecarAgent.Broker.Configuration;
using SidecarAgent.Broker.Crypto;
using SidecarAgent.Broker.Engines.Accounts;
using SidecarAgent.Broker.Storage;

namespace SidecarAgent.Broker.Credentials;

/// <summary>
/// The account server of a mount, as a guest should use it: few calls at a time, none of them for ever, and none for a
/// while after it could not be reached.
/// </summary>
/// <param name="mount">Where it is attached.</param>
/// <param name="options">How many, how long.</param>
/// <param name="accounts">The server; its own from here on.</param>
/// <param name="clock">Measures.</param>
/// <param name="logger">Hears when it goes away and comes back.</param>
internal sealed partial class OutsideServer(string mount, DynamicOptions options, IAccountServer accounts, TimeProvider clock, ILogger logger)
    : IAsyncDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim _free = new(options.Concurrency);
    private readonly Lock _lock = new();
    // By the clock that nobody sets: one that is set back an hour must not make the pause an hour longer.
    private long _failedAt;
    private TimeSpan _pause;

    public string Mount { get; } = mount;

    public DynamicOptions Options { get; } = options;

    public IAccountServer Accounts { get; } = accounts;

    /// <summary>How long one call may take.</summary>
    public TimeSpan Timeout => Options.Timeout;

    /// <summary>How long to leave it alone; null: it can be asked.</summary>
    public TimeSpan? Pause
    {
        get
        {
            lock (_lock)
            {
                var left = Left_NeedsLock();
                return left > TimeSpan.Zero ? left : null;
            }
        }
    }

    /// <summary>It could not be reached the last time.</summary>
    public bool WasAway
    {
        get
        {
            lock (_lock)
                return _pause > TimeSpan.Zero;
        }
    }

    /// <summary>Asks it for something, in its time. Waiting for a free place counts.</summary>
    /// <exception cref="AccountServerException">It did not do it, or the time was over.</exception>
    public async Task AskAsync(Func<IAccountServer, CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(Timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        var isAsked = false;
        try
        {
            await _free.WaitAsync(either.Token);
            isAsked = true;
            await work(Accounts, either.Token);
            Note(problem: null);
        }
        catch (AccountServerRefusedException)
        {
            Note(problem: null);
            throw;
        }
        catch (AccountServerUnreachableException e)
        {
            Note(e.Message);
            throw;
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            var problem = $"it did not answer within {Timeout.TotalSeconds:0.#} s";
            if (isAsked)
                Note(problem);
            throw new AccountServerUnreachableException(problem, e);
        }
        // Of the broker's own: what a CA asks for, which is an account server too.
        catch (Exception e) when (e is not (OperationCanceledException or StorageUnavailableException or KeyUnavailableException))
        {
            // A library that meets what it did not expect must not take the broker away from all who need no such account.
            LogUnforeseen(Mount, e);
            throw new AccountServerRefusedException("its client failed in a way that nobody foresaw; the broker's log says more", e);
        }
        finally
        {
            if (isAsked)
                _free.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Accounts.DisposeAsync();
        _free.Dispose();
    }

    private TimeSpan Left_NeedsLock() => _pause == TimeSpan.Zero ? TimeSpan.Zero : _pause - clock.GetElapsedTime(_failedAt);

    /// <param name="problem">Why it could not be reached; null: it answered.</param>
    private void Note(string? problem)
    {
        lock (_lock)
        {
            var wasAway = _pause > TimeSpan.Zero;
            if (problem is null)
            {
                _pause = TimeSpan.Zero;
                if (wasAway)
                    LogBack(Mount);
                return;
            }

            // Calls that were under way together fail together: one pause is enough for all of them.
            if (Left_NeedsLock() > TimeSpan.Zero)
                return;
            _pause = !wasAway ? FirstPause : _pause * 2 < LongestPause ? _pause * 2 : LongestPause;
            _failedAt = clock.GetTimestamp();
            if (!wasAway)
                LogAway(Mount, problem);
        }
    }

    [LoggerMessage(LogLevel.Error, "The server of {Mount} cannot be reached: {Problem}. Until it can, no accounts are made there, and those that exist go on.")]
    private partial void LogAway(string mount, string problem);

    [LoggerMessage(LogLevel.Error, "A call to the server of {Mount} failed for a reason that nobody foresaw. This is a bug.")]
    private partial void LogUnforeseen(string mount, Exception error);

    [LoggerMessage(LogLevel.Information, "The server of {Mount} answers again.")]
    private partial void LogBack(string mount);
}
