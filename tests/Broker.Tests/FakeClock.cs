using Microsoft.Extensions.Time.Testing;

namespace SidecarAgent.Broker.Tests;

/// <summary>Moves a fake clock on while something that waits for it, and for real files or sockets, gets done.</summary>
internal static class FakeClock
{
    /// <summary>Only to end a test that would wait for ever.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    public static async Task<T> AdvanceUntilAsync<T>(this FakeTimeProvider clock, Task<T> done)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!done.IsCompleted && TimeProvider.System.GetElapsedTime(began) < Patience)
        {
            clock.Advance(TimeSpan.FromMilliseconds(100));
            await Task.WhenAny(done, Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System));
        }

        return done.IsCompleted ? await done : throw new TimeoutException("what was waited for did not happen");
    }

    public static async Task AdvanceUntilAsync(this FakeTimeProvider clock, Func<bool> done)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!done() && TimeProvider.System.GetElapsedTime(began) < Patience)
        {
            clock.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System);
        }

        Assert.True(done(), "what was waited for did not happen");
    }
}
