using SidecarAgent.Agent.Templates.Formatting;
using SidecarAgent.Agent.Templates.Values;

namespace SidecarAgent.Agent.Templates.Functions;

/// <summary>
/// Sprig's times and durations, in UTC. A number is seconds since 1970. "now" is the time of the rendering: a file that shows
/// it differs after each one. Where sprig takes what it cannot read for zero, these are errors.
/// </summary>
internal static class SprigDateFunctions
{
    private const string HtmlDate = "2006-01-02";

    public static readonly Function[] All =
    [
        new("now", 0, 0, call => new TimeValue(call.Context.Now.UtcDateTime)),
        new("date", 2, 2, call => Formatted(call, 1, call.String(0))),
        new("dateInZone", 3, 3, InZone),
        new("date_in_zone", 3, 3, InZone),
        new("htmlDate", 1, 1, call => Formatted(call, 0, HtmlDate)),
        new("htmlDateInZone", 2, 2, HtmlInZone),
        new("dateModify", 2, 2, Modify),
        new("date_modify", 2, 2, Modify),
        new("mustDateModify", 2, 2, Modify),
        new("must_date_modify", 2, 2, Modify),
        new("toDate", 2, 2, ToDate),
        new("mustToDate", 2, 2, ToDate),
        new("unixEpoch", 1, 1, call => TextValue.Of(NumberText.Of(new DateTimeOffset(Time(call, 0)).ToUnixTimeSeconds()))),
        new("ago", 1, 1, call => TextValue.Of(GoDuration.Format(ToSeconds(Age(call, 0))))),
        new("duration", 1, 1, call => TextValue.Of(GoDuration.Format(Seconds(call, Numbers.ToLong(call[0]))))),
        new("durationRound", 1, 1, call => TextValue.Of(LargestUnit(Length(call)))),
    ];

    private static DateTime Time(Call call, int index) => call[index] switch
    {
        TimeValue time => time.Utc,
        IntValue { Number: >= -62_135_596_800 and <= 253_402_300_799 and var seconds } => DateTime.UnixEpoch.AddSeconds(seconds),
        IntValue => throw call.Error("the number of seconds is beyond the years 1 to 9999"),
        _ => throw call.WrongType(index, "time.Time"),
    };

    private static TextValue Formatted(Call call, int index, string layout) =>
        TextValue.Of(GoTimeLayout.Format(Time(call, index), layout));

    private static TextValue InZone(Call call)
    {
        CheckZone(call, 2);
        return Formatted(call, 1, call.String(0));
    }

    private static TextValue HtmlInZone(Call call)
    {
        CheckZone(call, 1);
        return Formatted(call, 0, HtmlDate);
    }

    private static void CheckZone(Call call, int index)
    {
        if (call.String(index) is not ("" or "UTC" or "Local" or "GMT" or "Etc/UTC"))
            throw call.Error("there is no time zone here but UTC");
    }

    private static TimeValue Modify(Call call)
    {
        if (!GoDuration.TryParse(call.String(0), out var change))
            throw call.Error("the string is not a duration such as -1.5h");
        var time = Time(call, 1);
        if (change.Ticks > DateTime.MaxValue.Ticks - time.Ticks || change.Ticks < -time.Ticks)
            throw call.Error("the time would be beyond the years 1 to 9999");
        return new TimeValue(time + change);
    }

    private static TimeValue ToDate(Call call) => GoTimeReader.TryRead(call.String(1), call.String(0), out var time)
        ? new TimeValue(time)
        : throw call.Error("the string is not a time of that layout");

    private static TimeSpan Age(Call call, int index) => call.Context.Now.UtcDateTime - Time(call, index);

    /// <summary>To the nearest, half away from zero, as Go rounds durations.</summary>
    private static TimeSpan ToSeconds(TimeSpan duration) =>
        TimeSpan.FromSeconds((long)Math.Round(duration.Ticks / (decimal)TimeSpan.TicksPerSecond, MidpointRounding.AwayFromZero));

    private static TimeSpan Seconds(Call call, long seconds) => Math.Abs((decimal)seconds) * TimeSpan.TicksPerSecond <= long.MaxValue
        ? TimeSpan.FromSeconds(seconds)
        : throw call.Error("the duration is too long");

    /// <summary>Of a duration's text, of a number of nanoseconds, or since a time.</summary>
    private static TimeSpan Length(Call call) => call[0] switch
    {
        TimeValue => Age(call, 0),
        IntValue nanoseconds => TimeSpan.FromTicks(nanoseconds.Number / 100),
        _ => GoDuration.TryParse(call.String(0), out var duration) ? duration : throw call.Error("the string is not a duration such as 2h10m5s"),
    };

    /// <summary>As sprig has it: more than one of it, and never with a sign.</summary>
    private static string LargestUnit(TimeSpan duration)
    {
        var length = duration.Duration();
        (long Ticks, string Name)[] units =
        [
            (365 * TimeSpan.TicksPerDay, "y"),
            (30 * TimeSpan.TicksPerDay, "mo"),
            (TimeSpan.TicksPerDay, "d"),
            (TimeSpan.TicksPerHour, "h"),
            (TimeSpan.TicksPerMinute, "m"),
            (TimeSpan.TicksPerSecond, "s"),
        ];
        foreach (var (ticks, name) in units)
        {
            if (length.Ticks > ticks)
                return NumberText.Of(length.Ticks / ticks) + name;
        }

        return "0s";
    }
}
