using Google.Protobuf.WellKnownTypes;
using SidecarAgent.Broker.Rotation;

using WireLaggard = SidecarAgent.V1.Laggard;
using WireRotation = SidecarAgent.V1.Rotation;
using WireSchedule = SidecarAgent.V1.RotationSchedule;

namespace SidecarAgent.Broker.Api;

/// <summary>Says on the wire how rotations stand.</summary>
internal static class RotationResponses
{
    public static WireRotation Rotation(RotationStatus status)
    {
        var rotation = Rotation(status.Rotation);
        rotation.Holders = (uint)status.Progress.Holders;
        rotation.Acknowledged = (uint)status.Progress.Acknowledged;
        rotation.Behind = (uint)status.Progress.Behind;
        rotation.Rejected = (uint)status.Progress.Rejected;
        rotation.Laggards.AddRange(status.Laggards.Select(laggard => new WireLaggard
        {
            Workload = Responses.Workload(laggard.Workload),
            Version = laggard.Version,
            Rejected = laggard.Rejection is not null,
            Reason = laggard.Rejection ?? "",
        }));
        return rotation;
    }

    /// <summary>Without how the holders stand.</summary>
    public static WireRotation Rotation(SecretRotation rotation) => new()
    {
        Id = rotation.Id,
        Path = rotation.Path.ToString(),
        State = State(rotation.State),
        Trigger = (WireRotation.Types.Trigger)(int)rotation.Trigger,
        By = rotation.By,
        FromVersion = rotation.FromVersion,
        ToVersion = rotation.ToVersion,
        Tainted = rotation.Tainted,
        Reason = rotation.Reason ?? "",
        StartedAt = rotation.StartedAt.ToTimestamp(),
        ActivatedAt = rotation.ActivatedAt?.ToTimestamp(),
        Deadline = rotation.Deadline?.ToTimestamp(),
        EndedAt = rotation.EndedAt?.ToTimestamp(),
        LeftBehind = (uint)rotation.LeftBehind,
    };

    public static WireSchedule? Schedule(ScheduledSecret? scheduled)
    {
        if (scheduled is null)
            return null;
        var wire = new WireSchedule { NextDue = scheduled.NextDue.ToTimestamp(), SetBy = scheduled.SetBy };
        if (scheduled.Schedule.Every is { } every)
            wire.Every = every.ToDuration();
        else
            wire.Cron = scheduled.Schedule.Cron;
        return wire;
    }

    /// <summary>The numbers on the wire are those that are stored; whoever adds one adds it in both.</summary>
    private static WireRotation.Types.State State(RotationState state) => (WireRotation.Types.State)(int)state;
}
