using Microsoft.Extensions.Time.Testing;

namespace SidecarAgent.Broker.Tests;

public sealed class IdleMemoryTests
{
    private const long Much = IdleMemory.Much;
    private const long Little = IdleMemory.Little;

    /// <summary>Only to end a test that would wait for ever.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [Theory]
    [InlineData(Much + 1, Much + 1, 0, true)] // much, and then nothing
    [InlineData(Much, Much, 0, false)] // not much yet
    [InlineData(Much + Little, Much + 1, 0, true)] // less than little
    [InlineData(Much + Little + 1, Much + 1, 0, false)] // more is going on
    [InlineData((10 * Much) + 1, 10 * Much, 9 * Much, true)] // much since it was last given back
    [InlineData(10 * Much, 10 * Much, 9 * Much, false)]
    public void It_is_time_after_much_and_during_little(long now, long before, long last, bool isTime) =>
        Assert.Equal(isTime, IdleMemory.IsTime(now, before, last));

    [Fact]
    public async Task Memory_is_given_back_once_for_each_time_of_much_work_when_that_is_over()
    {
        var clock = new FakeTimeProvider();
        using var looked = new SemaphoreSlim(0);
        using var stop = new CancellationTokenSource();
        var (allocated, looks, given) = (0L, 0, new List<int>());
        var running = new IdleMemory(
            clock,
            () =>
            {
                looks++;
                looked.Release();
                return allocated;
            },
            () => given.Add(looks)).RunAsync(stop.Token);

        // Looks:      1        2            3            4            5            6            7            8
        foreach (var more in (long[])[Little, Much + 1, Much, 0, 0, 0, Much + 1, 0])
        {
            allocated += more;
            clock.Advance(IdleMemory.Quiet);
            Assert.True(await looked.WaitAsync(Patience));
        }

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.Equal([4, 8], given);
    }
}
