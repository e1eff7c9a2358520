using System.Text.Json.Nodes;
using Google.Protobuf.WellKnownTypes;
using SidecarAgent.Ctl.Output;
using SidecarAgent.V1;

using State = SidecarAgent.V1.Rotation.Types.State;
using Trigger = SidecarAgent.V1.Rotation.Types.Trigger;

namespace SidecarAgent.Ctl.Rotations;

/// <summary>Rotations as they are written.</summary>
internal static class RotationWords
{
    public static bool IsOver(Rotation rotation) => rotation.EndedAt is not null;

    public static string Of(State state) => state.ToString().ToLowerInvariant();

    /// <summary>How far it has got, in one line.</summary>
    public static string Progress(Rotation rotation)
    {
        if (rotation.State == State.Preparing)
            return rotation.Reason.Length == 0 ? "preparing" : $"preparing: {rotation.Reason}; it is tried again";
        var rejected = rotation.Rejected == 0 ? "" : $", {rotation.Rejected} rejected it";
        var reason = rotation.State == State.Revoking && rotation.Reason.Length > 0 ? $": {rotation.Reason}; it is tried again" : "";
        return $"{Of(rotation.State)}: {rotation.Acknowledged} of {Quantity.Of(rotation.Holders, "holder")} "
            + $"use version {rotation.ToVersion}, {rotation.Behind} behind{rejected}{reason}";
    }

    /// <summary>Who it waits for, and who has rejected the version and why.</summary>
    public static IEnumerable<string> Laggards(Rotation rotation) => rotation.Laggards.Select(laggard =>
        $"  {Identities.Name(laggard.Workload)}, pod {Identities.OrNone(laggard.Workload?.Pod)} "
            + $"on node {Identities.OrNone(laggard.Workload?.Node)}: "
            + (laggard.Rejected ? $"rejected: {laggard.Reason}" : $"still on version {laggard.Version}"));

    /// <summary>Why a rotation is no success, and what to do; null: it is one, or is on its way.</summary>
    public static string? Failure(Rotation rotation) => rotation.State switch
    {
        State.Held => $"the rotation of {rotation.Path} is held: {rotation.Reason}; it goes on when they are mended, "
            + $"or with 'sidecarctl rotation resume {rotation.Path}', or back with 'sidecarctl rotation abort {rotation.Path}'",
        State.Failed => $"the rotation of {rotation.Path} has failed: {rotation.Reason}",
        State.Aborted => $"the rotation of {rotation.Path} was aborted",
        _ => null,
    };

    public static JsonObject Document(Rotation rotation) => new()
    {
        ["id"] = rotation.Id,
        ["path"] = rotation.Path,
        ["state"] = Of(rotation.State),
        ["trigger"] = rotation.Trigger == Trigger.Unspecified ? null : rotation.Trigger.ToString().ToLowerInvariant(),
        ["by"] = rotation.By,
        ["fromVersion"] = rotation.FromVersion,
        ["toVersion"] = rotation.ToVersion,
        ["tainted"] = rotation.Tainted,
        ["reason"] = rotation.Reason,
        ["startedAt"] = Moment.Exact(rotation.StartedAt),
        ["activatedAt"] = Moment.Exact(rotation.ActivatedAt),
        ["deadline"] = Moment.Exact(rotation.Deadline),
        ["endedAt"] = Moment.Exact(rotation.EndedAt),
        ["holders"] = rotation.Holders,
        ["acknowledged"] = rotation.Acknowledged,
        ["behind"] = rotation.Behind,
        ["rejected"] = rotation.Rejected,
        ["leftBehind"] = rotation.LeftBehind,
        ["laggards"] = new JsonArray([.. rotation.Laggards.Select(laggard => new JsonObject
        {
            ["workload"] = Identities.Document(laggard.Workload),
            ["version"] = laggard.Version,
            ["rejected"] = laggard.Rejected,
            ["reason"] = laggard.Reason,
        })]),
    };

    public static JsonObject? Document(RotationSchedule? schedule) => schedule is null ? null : new JsonObject
    {
        ["every"] = schedule.WhenCase == RotationSchedule.WhenOneofCase.Every ? Text(schedule.Every) : null,
        ["cron"] = schedule.WhenCase == RotationSchedule.WhenOneofCase.Cron ? schedule.Cron : null,
        ["nextDue"] = Moment.Exact(schedule.NextDue),
        ["setBy"] = schedule.SetBy,
    };

    public static string Sentence(RotationSchedule schedule) =>
        (schedule.WhenCase == RotationSchedule.WhenOneofCase.Cron ? $"rotated at '{schedule.Cron}' (UTC)" : $"rotated every {Text(schedule.Every)}")
        + $", next at {Moment.Short(schedule.NextDue)}";

    private static string Text(Duration duration) => Durations.Text(duration.ToTimeSpan());
}
