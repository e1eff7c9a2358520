using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;

namespace SidecarAgent.Broker.Tests;

public sealed class LoopsTests
{
    private readonly ApplicationLifetime _lifetime = new(NullLogger<ApplicationLifetime>.Instance);
    private readonly Loops _loops;

    public LoopsTests() => _loops = new Loops(_lifetime, NullLogger<Loops>.Instance);

    [Fact]
    public async Task A_loop_that_fails_stops_all_others_with_its_cause()
    {
        _loops.Start("Sleeping", cancel => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancel));
        _loops.Start("Counting", _ => throw new InvalidOperationException("lost count"));

        await _loops.EndAsync();

        Assert.True(_lifetime.ApplicationStopping.IsCancellationRequested);
        Assert.Equal("Counting stopped: lost count", _loops.Failure!.Message);
    }

    [Fact]
    public async Task A_loop_that_just_ends_is_a_failure_too()
    {
        _loops.Start("Counting", _ => Task.CompletedTask);

        await _loops.EndAsync();

        Assert.Equal("Counting stopped: it ended", _loops.Failure!.Message);
    }

    [Fact]
    public async Task Loops_that_end_because_the_broker_stops_are_none()
    {
        _loops.Start("Sleeping", cancel => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancel));

        _lifetime.StopApplication();
        await _loops.EndAsync();

        Assert.Null(_loops.Failure);
    }
}
