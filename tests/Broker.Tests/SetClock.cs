using Microsoft.Extensions.Time.Testing;

namespace SidecarAgent.Broker.Tests;

/// <summary>A machine whose clock somebody sets: that changes what time it is, and neither timers nor how long things take.</summary>
internal sealed class SetClock(FakeTimeProvider steady) : TimeProvider
{
    /// <summary>How far it is set forward; negative: back.</summary>
    public TimeSpan Set { get; set; }

    public override long TimestampFrequency => steady.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => steady.GetUtcNow() + Set;

    public override long GetTimestamp() => steady.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        steady.CreateTimer(callback, state, dueTime, period);
}
