using System.Globalization;
using System.Text;

namespace SidecarAgent.Agent.Templates.Formatting;

/// <summary>Times as Go writes them: the layout shows how 2006-01-02 15:04:05 would look. Always UTC.</summary>
internal static class GoTimeLayout
{
    /// <summary>What a piece of a layout stands for.</summary>
    public enum PieceKind
    {
        Words,
        Chunk,
        Fraction,
    }

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
        foreach (var (text, kind) in Pieces(layout))
        {
            if (kind == PieceKind.Words)
                result.Append(text);
            else if (kind == PieceKind.Fraction)
                WriteFraction(time, text, result);
            else
                result.Append(Array.Find(Chunks, chunk => chunk.Chunk == text).Write(time));
        }

        return result.ToString();
    }

    /// <summary>What the layout is made of, in its order.</summary>
    public static IEnumerable<(string Text, PieceKind Kind)> Pieces(string layout)
    {
        for (var at = 0; at < layout.Length;)
        {
            var rest = layout.AsSpan(at);
            var (length, kind) = FractionLength(rest) is > 0 and var digits ? (digits, PieceKind.Fraction)
                // "_2006" is an underscore and the year.
                : !rest.StartsWith("_2006") && ChunkLength(rest) is > 0 and var chunk ? (chunk, PieceKind.Chunk)
                : (1, PieceKind.Words);
            yield return (layout.Substring(at, length), kind);
            at += length;
        }
    }

    private static string Net(DateTime time, string format) => time.ToString(format, CultureInfo.InvariantCulture);

    private static int ChunkLength(ReadOnlySpan<char> rest)
    {
        foreach (var (chunk, _) in Chunks)
        {
            // "Month" and "Janet" are words.
            var isWord = chunk is "Jan" or "Mon" && rest.Length > 3 && char.IsAsciiLetterLower(rest[3]);
            if (rest.StartsWith(chunk) && !isWord)
                return chunk.Length;
        }

        return 0;
    }

    /// <summary>".000" or ",000" is a fraction of a second; with nines, zeros at its end are dropped.</summary>
    private static int FractionLength(ReadOnlySpan<char> rest)
    {
        if (rest.Length < 2 || rest[0] is not ('.' or ',') || rest[1] is not ('0' or '9'))
            return 0;
        var digits = rest[1..].IndexOfAnyExcept(rest[1]) is >= 0 and var count ? count : rest.Length - 1;
        return digits > 9 || (rest.Length > digits + 1 && char.IsAsciiDigit(rest[digits + 1])) ? 0 : digits + 1;
    }

    private static void WriteFraction(DateTime time, string piece, StringBuilder result)
    {
        var nanoseconds = (time.Ticks % TimeSpan.TicksPerSecond) * 100;
        var fraction = nanoseconds.ToString("000000000", CultureInfo.InvariantCulture)[..(piece.Length - 1)];
        if (piece[1] == '9')
            fraction = fraction.TrimEnd('0');
        if (fraction.Length > 0)
            result.Append(piece[0]).Append(fraction);
    }
}
