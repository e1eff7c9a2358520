using System.Diagnostics.CodeAnalysis;
using Cronos;

namespace SidecarAgent.Broker.Rotation;

/// <summary>When a secret is rotated by itself: either every so often, or at the times of a cron expression.</summary>
internal sealed record RotationSchedule
{
    public static readonly TimeSpan Shortest = TimeSpan.FromMinutes(1);
    public static readonly TimeSpan Longest = TimeSpan.FromDays(3650);

    private const int LongestCron = 128;

    private readonly CronExpression? _times;

    private RotationSchedule(TimeSpan? every, string? cron, CronExpression? times)
    {
        Every = every;
        Cron = cron;
        _times = times;
    }

    public static RotationSchedule Daily { get; } = new(TimeSpan.FromDays(1), null, null);

    /// <summary>How long a version is served; null: the cron expression says.</summary>
    public TimeSpan? Every { get; }

    /// <summary>Five fields, in UTC; null: <see cref="Every"/> says.</summary>
    public string? Cron { get; }

    /// <param name="every">If not null, how often.</param>
    /// <param name="cron">If not null, when.</param>
    /// <param name="schedule">The schedule, if it is one.</param>
    /// <param name="problem">Otherwise what was wrong and what was expected.</param>
    public static bool TryCreate(
        TimeSpan? every, string? cron, [NotNullWhen(true)] out RotationSchedule? schedule, [NotNullWhen(false)] out string? problem)
    {
        (schedule, problem) = (null, null);
        CronExpression? times = null;
        if (every is null == cron is null)
            problem = "a schedule says either how often or, as a cron expression, when";
        else if (every < Shortest || every > Longest)
            problem = "a secret is rotated every 1m to 3650d";
        else if (cron is not null && (cron.Length > LongestCron || !CronExpression.TryParse(cron, out times)))
            problem = "a cron expression has five fields (minute, hour, day of month, month, day of week), such as '0 3 * * *'";
        else if (times is not null && times.GetNextOccurrence(DateTimeOffset.UnixEpoch, TimeZoneInfo.Utc) is null)
            problem = "the cron expression names a time that never comes";
        else
            schedule = new RotationSchedule(every, cron, times);
        return schedule is not null;
    }

    /// <summary>When the next rotation is due. Pure.</summary>
    /// <param name="last">The last time that the secret got a new version, or a rotation was tried; null: never.</param>
    /// <param name="since">When the schedule was set: a time of a cron expression before that was not missed.</param>
    /// <param name="spread">
    /// The secret's place in [0, 1): secrets of the same schedule do not all begin at the same moment, and each keeps its
    /// place over restarts.
    /// </param>
    /// <returns>A time that may be long past: what was missed is made up for once.</returns>
    public DateTimeOffset NextDue(DateTimeOffset? last, DateTimeOffset since, double spread)
    {
        if (Every is { } every)
            return last is { } at ? at + every - (Shorter(every / 20, TimeSpan.FromHours(1)) * spread) : since;
        var after = last > since ? last.Value : since;
        return _times!.GetNextOccurrence(after, TimeZoneInfo.Utc) is { } next
            ? next + (TimeSpan.FromSeconds(30) * spread)
            : DateTimeOffset.MaxValue;
    }

    public override string ToString() => Cron ?? Every.ToString()!;

    private static TimeSpan Shorter(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
