using Microsoft.Extensions.Time.Testing;

namespace SidecarAgent.Agent.Tests.FakeBroker;

/// <summary>A clock that stands still until a test moves it, and that tells which timers the code has armed.</summary>
internal sealed class ArmedTime : FakeTimeProvider
{
    private readonly Calls<TimeSpan> _armed = new();

    public ArmedTime()
        : base(System.GetUtcNow())
    {
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        _armed.Add(dueTime);
        return timer;
    }

    /// <summary>Waits until the code waits so long; timers that were armed before and not asked for are forgotten.</summary>
    /// <returns>How long exactly.</returns>
    public async Task<TimeSpan> ArmedAsync(Func<TimeSpan, bool> isExpected)
    {
        while (true)
        {
            var due = await _armed.NextAsync();
            if (isExpected(due))
                return due;
        }
    }

    /// <summary>Lets each such wait of the code pass until something has happened.</summary>
    public async Task<T> PassUntilAsync<T>(Task<T> expected, Func<TimeSpan, bool> isToPass)
    {
        while (!expected.IsCompleted)
        {
            var armed = _armed.WhenAnyAsync();
            if (await Task.WhenAny(expected, armed) == expected)
                break;
            foreach (var due in _armed.TakeAll().Where(isToPass))
                Advance(due);
        }

        return await expected;
    }

    /// <summary>Lets each such wait of the code pass until it waits as expected.</summary>
    /// <returns>How long exactly.</returns>
    public async Task<TimeSpan> PassUntilArmedAsync(Func<TimeSpan, bool> isExpected, Func<TimeSpan, bool> isToPass)
    {
        while (true)
        {
            var due = await _armed.NextAsync();
            if (isExpected(due))
                return due;
            if (isToPass(due))
                Advance(due);
        }
    }

    /// <summary>Waits until the code waits so long, then lets that time pass.</summary>
    public async Task PassAsync(TimeSpan span)
    {
        await ArmedAsync(due => due == span);
        Advance(span);
    }
}
