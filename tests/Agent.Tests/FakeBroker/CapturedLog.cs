using Microsoft.Extensions.Logging;

namespace SidecarAgent.Agent.Tests.FakeBroker;

/// <summary>Every log line of an agent, as a person would read it.</summary>
internal sealed class CapturedLog : ILoggerFactory
{
    private readonly Lock _lock = new();
    private readonly List<string> _lines = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lock)
                return [.. _lines];
        }
    }

    /// <summary>The first line, past or future, that holds this text.</summary>
    /// <param name="text">Part of it.</param>
    /// <param name="after">So many lines are not looked at.</param>
    public async Task<string> WaitForAsync(string text, int after = 0)
    {
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                if (_lines.Skip(after).FirstOrDefault(line => line.Contains(text, StringComparison.Ordinal)) is { } line)
                    return line;
                changed = _changed.Task;
            }

            await changed.WaitAsync(TimeSpan.FromSeconds(60));
        }
    }

    public int Count(string text) => Lines.Count(line => line.Contains(text, StringComparison.Ordinal));

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public ILogger CreateLogger(string categoryName) => new Writer(this);

    public void Dispose()
    {
        // Lives as long as the test, which reads it after the agent is gone.
    }

    private void Add(string line)
    {
        lock (_lock)
        {
            _lines.Add(line);
            _changed.SetResult();
            _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    private sealed class Writer(CapturedLog owner) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            owner.Add($"{logLevel}: {formatter(state, exception)}");
    }
}
