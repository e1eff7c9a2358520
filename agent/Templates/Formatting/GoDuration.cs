using System.Buffers;
using System.Globalization;

namespace SidecarAgent.Agent.Templates.Formatting;

/// <summary>Go's notation of durations, such as 1h15m30.5s. In ticks of 100 ns: what is finer is cut off.</summary>
internal static class GoDuration
{
    /// <summary>Longest first, where one begins like another.</summary>
    private static readonly (string Name, decimal Ticks)[] Units =
    [
        ("ns", 0.01m),
        ("us", TimeSpan.TicksPerMicrosecond),
        ("µs", TimeSpan.TicksPerMicrosecond),
        ("μs", TimeSpan.TicksPerMicrosecond),
        ("ms", TimeSpan.TicksPerMillisecond),
        ("s", TimeSpan.TicksPerSecond),
        ("m", TimeSpan.TicksPerMinute),
        ("h", TimeSpan.TicksPerHour),
    ];

    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789.");

    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        var isNegative = text.StartsWith('-');
        var rest = isNegative || text.StartsWith('+') ? text.AsSpan(1) : text;
        if (rest is "0")
            return true;
        if (rest.IsEmpty)
            return false;

        var ticks = 0m;
        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExcept(NumberCharacters);
            // Eighteen digits are more than the longest duration has, and fewer than what a decimal can overflow with.
            if (digits is < 1 or > 18
                || !decimal.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            {
                return false;
            }

            rest = rest[digits..];
            if (UnitOf(rest) is not var (name, length))
                return false;
            ticks += number * length;
            rest = rest[name.Length..];
        }

        if (ticks > long.MaxValue)
            return false;
        duration = TimeSpan.FromTicks((long)(isNegative ? -ticks : ticks));
        return true;
    }

    public static string Format(TimeSpan duration)
    {
        if (duration == TimeSpan.Zero)
            return "0s";
        var sign = duration < TimeSpan.Zero ? "-" : "";
        var ticks = Math.Abs((decimal)duration.Ticks);
        if (ticks < TimeSpan.TicksPerSecond)
        {
            var (name, length) = ticks < TimeSpan.TicksPerMicrosecond ? Units[0] : ticks < TimeSpan.TicksPerMillisecond ? Units[2] : Units[4];
            return sign + Number(ticks / length) + name;
        }

        var hours = Math.Floor(ticks / TimeSpan.TicksPerHour);
        var minutes = Math.Floor(ticks % TimeSpan.TicksPerHour / TimeSpan.TicksPerMinute);
        var seconds = ticks % TimeSpan.TicksPerMinute / TimeSpan.TicksPerSecond;
        return sign
            + (hours > 0 ? $"{Number(hours)}h" : "")
            + (hours > 0 || minutes > 0 ? $"{Number(minutes)}m" : "")
            + $"{Number(seconds)}s";
    }

    private static (string Name, decimal Ticks)? UnitOf(ReadOnlySpan<char> rest)
    {
        foreach (var unit in Units)
        {
            if (rest.StartsWith(unit.Name))
                return unit;
        }

        return null;
    }

    private static string Number(decimal number) => number.ToString("0.#########", CultureInfo.InvariantCulture);
}
