using System.Globalization;
using System.Text;

namespace SidecarAgent.Ctl.Output;

/// <summary>
/// Makes foreign text safe for a terminal: what could move the cursor, change colours or turn the reading direction is
/// written as its code point, such as <c>\u001B</c>.
/// </summary>
internal static class Printable
{
    /// <summary>One line of at most <paramref name="max"/> characters and an ellipsis.</summary>
    public static string Line(string text, int max = int.MaxValue)
    {
        var line = new StringBuilder(Math.Min(text.Length, max));
        foreach (var rune in text.EnumerateRunes())
        {
            if (line.Length >= max)
                return line.Append('…').ToString();
            if (IsPrintable(rune))
                line.Append(rune);
            else
                line.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:X4}");
        }

        return line.ToString();
    }

    public static bool IsPrintable(string text) => text.EnumerateRunes().All(IsPrintable);

    private static bool IsPrintable(Rune rune) => Rune.GetUnicodeCategory(rune) is not
        (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.OtherNotAssigned);
}
