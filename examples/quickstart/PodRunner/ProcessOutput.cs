namespace SidecarAgent.Quickstart.PodRunner;

/// <summary>
/// What a process and its restarts have written: all of it in a file, the last lines in memory, and a way to wait for a
/// line. The file belongs to its owner alone, since nobody knows beforehand what a program prints.
/// </summary>
internal sealed class ProcessOutput : IDisposable
{
    private const int TailLength = 1000;

    private readonly Lock _lock = new();
    private readonly Queue<OutputLine> _tail = new();
    private readonly List<Waiter> _waiters = [];
    private readonly TimeProvider _time;
    private readonly StreamWriter? _file;
    private readonly Action<OutputLine> _onLine;
    private int _count;
    private bool _closed;

    /// <param name="path">The log file; lines are added to it. Null: the lines are kept in memory only.</param>
    /// <param name="onLine">Told of each line, one at a time.</param>
    public ProcessOutput(string? path, TimeProvider time, Action<OutputLine>? onLine = null)
    {
        _time = time;
        _onLine = onLine ?? (_ => { });
        if (path is null)
            return;
        _file = new StreamWriter(path, new FileStreamOptions
        {
            Mode = FileMode.Append,
            Access = FileAccess.Write,
            Share = FileShare.ReadWrite,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        })
        { AutoFlush = true };
    }

    /// <summary>The number of the last line; wait for later ones with <see cref="WaitForAsync"/>.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _count;
        }
    }

    /// <summary>The last lines, at most 1000.</summary>
    public IReadOnlyList<OutputLine> Tail
    {
        get
        {
            lock (_lock)
                return [.. _tail];
        }
    }

    /// <summary>Late lines of a process that is being given up are dropped.</summary>
    public void Add(string text)
    {
        lock (_lock)
        {
            if (_closed)
                return;
            var line = new OutputLine(++_count, _time.GetUtcNow(), text);
            _file?.WriteLine(text);
            _tail.Enqueue(line);
            if (_tail.Count > TailLength)
                _tail.Dequeue();
            // Waiters go on elsewhere, so that none of them runs under the lock.
            _waiters.RemoveAll(waiter => waiter.Match(line) && waiter.Found.TrySetResult(line));
            _onLine(line);
        }
    }

    /// <summary>The first line after number <paramref name="after"/> that matches, now or in future.</summary>
    /// <exception cref="OperationCanceledException"/>
    public async Task<OutputLine> WaitForAsync(
        Func<string, bool> match, int after, CancellationToken cancellationToken)
    {
        var waiter = new Waiter(
            line => line.Number > after && match(line.Text),
            new TaskCompletionSource<OutputLine>(TaskCreationOptions.RunContinuationsAsynchronously));
        lock (_lock)
        {
            if (_tail.FirstOrDefault(waiter.Match) is { } found)
                return found;
            _waiters.Add(waiter);
        }

        try
        {
            return await waiter.Found.Task.WaitAsync(cancellationToken);
        }
        finally
        {
            lock (_lock)
                _waiters.Remove(waiter);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _closed = true;
            _file?.Dispose();
        }
    }

    private sealed record Waiter(Func<OutputLine, bool> Match, TaskCompletionSource<OutputLine> Found);
}
