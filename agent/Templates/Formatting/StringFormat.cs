using System.Globalization;
using System.Text;
using SidecarAgent.Agent.Rendering;

namespace SidecarAgent.Agent.Templates.Formatting;

/// <summary>Go's verbs for strings.</summary>
internal static class StringFormat
{
    /// <returns>False: no verb for strings.</returns>
    public static bool TryWrite(FormatWriter writer, ReadOnlySpan<byte> text, int verb)
    {
        switch (verb)
        {
            case 's':
            case 'v' when !writer.Flags.GoSyntax:
                writer.Pad(Truncate(text, writer.Flags.Precision));
                return true;
            case 'q' or 'v':
                WriteQuoted(writer, Truncate(text, writer.Flags.Precision));
                return true;
            case 'x' or 'X':
                WriteHexadecimal(writer, text, (char)verb);
                return true;
            default:
                return false;
        }
    }

    private static void WriteQuoted(FormatWriter writer, ReadOnlySpan<byte> text)
    {
        if (!writer.Flags.Sharp || !GoQuote.CanBackquote(text))
        {
            writer.Pad(GoQuote.Text(text, ascii: writer.Flags.Plus));
            return;
        }

        var quoted = new byte[text.Length + 2];
        quoted.AsSpan().Fill((byte)'`');
        text.CopyTo(quoted.AsSpan(1));
        writer.Pad(quoted);
    }

    /// <summary>Two digits a byte; with a space between the bytes where the flags ask for it.</summary>
    private static void WriteHexadecimal(FormatWriter writer, ReadOnlySpan<byte> text, char verb)
    {
        if (writer.Flags.Precision is { } precision && precision < text.Length)
            text = text[..precision];
        var prefix = writer.Flags.Sharp ? "0" + verb : "";
        var format = verb == 'x' ? "x2" : "X2";
        var digits = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            if (i > 0 && writer.Flags.Space)
                digits.Append(' ');
            if (i == 0 || writer.Flags.Space)
                digits.Append(prefix);
            digits.Append(text[i].ToString(format, CultureInfo.InvariantCulture));
        }

        writer.Pad(digits.ToString());
    }

    /// <summary>A precision counts characters.</summary>
    private static ReadOnlySpan<byte> Truncate(ReadOnlySpan<byte> text, int? precision)
    {
        if (precision is not { } count)
            return text;
        var length = 0;
        foreach (var rune in new Utf8Runes(text))
        {
            if (count-- == 0)
                return text[..length];
            length += rune == Rune.ReplacementChar && !text[length..].StartsWith("\uFFFD"u8) ? 1 : rune.Utf8SequenceLength;
        }

        return text;
    }
}
