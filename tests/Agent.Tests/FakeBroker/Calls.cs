using System.Threading.Channels;

namespace SidecarAgent.Agent.Tests.FakeBroker;

/// <summary>Calls in the order in which they came; a test takes them one by one.</summary>
internal sealed class Calls<T>
{
    /// <summary>Only a hung test waits so long.</summary>
    private static readonly TimeSpan Hung = TimeSpan.FromSeconds(60);

    private readonly Channel<T> _channel = Channel.CreateUnbounded<T>();
    private int _count;

    /// <summary>How many came at all, taken or not.</summary>
    public int Count => Volatile.Read(ref _count);

    public void Add(T call)
    {
        Interlocked.Increment(ref _count);
        _channel.Writer.TryWrite(call);
    }

    public async Task<T> NextAsync()
    {
        using var hung = new CancellationTokenSource(Hung, TimeProvider.System);
        return await _channel.Reader.ReadAsync(hung.Token);
    }

    /// <summary>Ends when there is one to take.</summary>
    public Task WhenAnyAsync() => _channel.Reader.WaitToReadAsync().AsTask();

    /// <summary>Those that came and were not taken yet.</summary>
    public IReadOnlyList<T> TakeAll()
    {
        var calls = new List<T>();
        while (_channel.Reader.TryRead(out var call))
            calls.Add(call);
        return calls;
    }
}
