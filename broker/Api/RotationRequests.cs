using Google.Protobuf.WellKnownTypes;
using SidecarAgent.Broker.Configuration;
using SidecarAgent.Broker.Rotation;

using static SidecarAgent.Broker.Api.WorkloadRequests;

using WireSchedule = SidecarAgent.V1.RotationSchedule;

namespace SidecarAgent.Broker.Api;

/// <summary>Checks what operators send about rotations, and turns it into what it means.</summary>
internal static class RotationRequests
{
    /// <returns>Null: the request does not say.</returns>
    /// <exception cref="RequestFailedException">The message names the field, what it had and what was expected.</exception>
    public static TimeSpan? Deadline(Duration? deadline)
    {
        if (deadline is null)
            return null;
        Require(
            TimeSpanOf(deadline) is { } value && value >= RotationOptions.Shortest && value <= RotationOptions.Longest,
            "deadline: 1s to 30d are allowed");
        return TimeSpanOf(deadline);
    }

    /// <returns>Null: no schedule any more.</returns>
    public static RotationSchedule? Schedule(WireSchedule? schedule)
    {
        if (schedule is null)
            return null;
        var hasEvery = schedule.WhenCase == WireSchedule.WhenOneofCase.Every;
        var every = hasEvery ? TimeSpanOf(schedule.Every) : null;
        Require(!hasEvery || every is not null, "schedule.every: not a duration");
        var cron = schedule.WhenCase == WireSchedule.WhenOneofCase.Cron ? schedule.Cron : null;
        if (!RotationSchedule.TryCreate(every, cron, out var read, out var problem))
            throw Invalid($"schedule: {problem}");
        return read;
    }

    /// <returns>Null: more than any duration that is allowed here, or not a duration at all.</returns>
    public static TimeSpan? TimeSpanOf(Duration duration) =>
        duration is { Seconds: >= 0 and < 1_000_000_000_000, Nanos: >= 0 and < 1_000_000_000 }
            ? TimeSpan.FromSeconds(duration.Seconds) + TimeSpan.FromMicroseconds(duration.Nanos / 1000)
            : null;
}
