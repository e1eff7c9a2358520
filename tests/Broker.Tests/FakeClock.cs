using Microsoft.Extensions.Time.Testing;

namespace SidecarAgent.Broker.Tests;

/// <summary>Moves a fake clock on while something that waits for it, and for real files or sockets, gets done.</summary>
internal static class FakeClock
{
    /// <summary>Only to end a test that would wait for ever.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <param name="clock">It moves on in steps.</param>
    /// <param name="done">Until this is so.</param>
    /// <param name="step">Null: 100 ms.</param>
    public static async Task AdvanceUntilAsync(this FakeTimeProvider clock, Func<bool> done, TimeSpan? step = null)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!done() && TimeProvider.System.GetElapsedTime(began) < Patience)
        {
            clock.Advance(step ?? TimeSpan.FromMilliseconds(100));
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System);
        }

        Assert.True(done(), "what was waited for did not happen");
    }
}
