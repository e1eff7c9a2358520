using System.Globalization;
using System.Text;

namespace SidecarAgent.Agent.Templates.Formatting;

/// <summary>Times as Go writes them: the layout shows how 2006-01-02 15:04:05 would look. Always UTC.</summary>
internal static class GoTimeLayout
{
    /// <summary>Longest first, where one begins like another.</summary>
    private static readonly (string Chunk, Func<DateTime, string> Write)[] Chunks =
    [
        ("January", t => Net(t, "MMMM")),
        ("Jan", t => Net(t, "MMM")),
        ("Monday", t => Net(t, "dddd")),
        ("Mon", t => Net(t, "ddd")),
        ("MST", _ => "UTC"),
        ("2006", t => Net(t, "yyyy")),
        ("002", t => t.DayOfYear.ToString("000", CultureInfo.InvariantCulture)),
        ("__2", t => NumberText.Of(t.DayOfYear).PadLeft(3)),
        ("_2", t => NumberText.Of(t.Day).PadLeft(2)),
        ("15", t => Net(t, "HH")),
        ("01", t => Net(t, "MM")),
        ("02", t => Net(t, "dd")),
        ("03", t => Net(t, "hh")),
        ("04", t => Net(t, "mm")),
        ("05", t => Net(t, "ss")),
        ("06", t => Net(t, "yy")),
        ("PM", t => t.Hour < 12 ? "AM" : "PM"),
        ("pm", t => t.Hour < 12 ? "am" : "pm"),
        ("Z07:00:00", _ => "Z"),
        ("Z070000", _ => "Z"),
        ("Z07:00", _ => "Z"),
        ("Z0700", _ => "Z"),
        ("Z07", _ => "Z"),
        ("-07:00:00", _ => "+00:00:00"),
        ("-070000", _ => "+000000"),
        ("-07:00", _ => "+00:00"),
        ("-0700", _ => "+0000"),
        ("-07", _ => "+00"),
        ("1", t => NumberText.Of(t.Month)),
        ("2", t => NumberText.Of(t.Day)),
        ("3", t => Net(t, "%h")),
        ("4", t => NumberText.Of(t.Minute)),
        ("5", t => NumberText.Of(t.Second)),
    ];

    public static string Format(DateTime time, string layout)
    {
        var result = new StringBuilder();
        for (var rest = layout.AsSpan(); !rest.IsEmpty;)
        {
            if (TryWriteFraction(time, rest, result, out var length) || TryWriteChunk(time, rest, result, out length))
            {
                rest = rest[length..];
                continue;
            }

            result.Append(rest[0]);
            // "_2006" is an underscore and the year.
            if (rest.StartsWith("_2006"))
                result.Append(Net(time, "yyyy"));
            rest = rest[(rest.StartsWith("_2006") ? 5 : 1)..];
        }

        return result.ToString();
    }

    private static string Net(DateTime time, string format) => time.ToString(format, CultureInfo.InvariantCulture);

    private static bool TryWriteChunk(DateTime time, ReadOnlySpan<char> rest, StringBuilder result, out int length)
    {
        foreach (var (chunk, write) in Chunks)
        {
            // "Month" and "Janet" are words.
            var isWord = chunk is "Jan" or "Mon" && rest.Length > 3 && char.IsAsciiLetterLower(rest[3]);
            if (!rest.StartsWith(chunk) || isWord || rest.StartsWith("_2006"))
                continue;
            result.Append(write(time));
            length = chunk.Length;
            return true;
        }

        length = 0;
        return false;
    }

    /// <summary>".000" or ",000" is a fraction of a second; with nines, zeros at its end are dropped.</summary>
    private static bool TryWriteFraction(DateTime time, ReadOnlySpan<char> rest, StringBuilder result, out int length)
    {
        length = 0;
        if (rest.Length < 2 || rest[0] is not ('.' or ',') || rest[1] is not ('0' or '9'))
            return false;
        var digits = rest[1..].IndexOfAnyExcept(rest[1]) is >= 0 and var count ? count : rest.Length - 1;
        if (digits > 9 || (rest.Length > digits + 1 && char.IsAsciiDigit(rest[digits + 1])))
            return false;

        var fraction = ((time.Ticks % TimeSpan.TicksPerSecond) * 100).ToString("000000000", CultureInfo.InvariantCulture)[..digits];
        if (rest[1] == '9')
            fraction = fraction.TrimEnd('0');
        if (fraction.Length > 0)
            result.Append(rest[0]).Append(fraction);
        length = digits + 1;
        return true;
    }
}
