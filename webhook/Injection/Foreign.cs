using System.Globalization;
using System.Text;

namespace SidecarAgent.Webhook.Injection;

/// <summary>
/// How text that somebody else wrote appears in messages and logs: short, on one line, without characters that could
/// forge a line or colour a terminal.
/// </summary>
internal static class Foreign
{
    private const int Shown = 80;

    /// <summary>The text in single quotes.</summary>
    public static string Quote(string text) => $"'{Plain(text)}'";

    /// <summary>The text as it is, as far as it is harmless; at most so many characters of it.</summary>
    public static string Plain(string text, int most = Shown)
    {
        if (text.Length <= most && IsAscii(text))
            return text;
        var shown = new StringBuilder(Math.Min(text.Length, most) + 1);
        foreach (var rune in text.EnumerateRunes())
        {
            if (shown.Length >= most)
                return shown.Append('…').ToString();
            shown.Append(IsHarmless(rune) ? rune.ToString() : "?");
        }

        return shown.ToString();
    }

    /// <summary>Whether the text holds nothing but visible characters and spaces.</summary>
    public static bool IsPlain(string text) => IsAscii(text) || text.EnumerateRunes().All(IsHarmless);

    /// <summary>Nearly all text is, and a look at once is enough for it.</summary>
    private static bool IsAscii(string text) => !text.AsSpan().ContainsAnyExceptInRange(' ', '~');

    private static bool IsHarmless(Rune rune) =>
        rune != Rune.ReplacementChar
        && Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format
            or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
            or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned);
}
