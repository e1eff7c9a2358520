using System.Globalization;
using System.Text;
using SidecarAgent.Agent.Rendering;
using SidecarAgent.Agent.Templates.Execution;
using SidecarAgent.Agent.Templates.Formatting;
using SidecarAgent.Agent.Templates.Values;

namespace SidecarAgent.Agent.Templates.Functions;

/// <summary>Go's predefined functions for logic, printing and escaping.</summary>
internal static class GoFunctions
{
    public static readonly Function[] All =
    [
        new("and", 1, Function.Unlimited, Unreachable) { ShortCircuit = ShortCircuit.And },
        new("or", 1, Function.Unlimited, Unreachable) { ShortCircuit = ShortCircuit.Or },
        new("not", 1, 1, call => BoolValue.Of(!call[0].IsTrue)),
        new("call", 1, Function.Unlimited, call => throw call.Error($"a value of type {call[0].GoType} is no function; data holds none")),
        new("print", 0, Function.Unlimited, Print),
        new("println", 0, Function.Unlimited, PrintLine),
        new("printf", 1, Function.Unlimited, PrintFormatted),
        new("html", 0, Function.Unlimited, call => Escape(call, Html)),
        new("js", 0, Function.Unlimited, call => Escape(call, JavaScript)),
        new("urlquery", 0, Function.Unlimited, call => Escape(call, UrlQuery)),
    ];

    private static Value Unreachable(Call call) => throw call.Error("it is evaluated argument by argument");

    private static TextValue Print(Call call)
    {
        var buffer = new TextBuffer();
        Printer.Print(call.Arguments, buffer);
        return buffer.ToText();
    }

    private static TextValue PrintLine(Call call)
    {
        var buffer = new TextBuffer();
        Printer.PrintLine(call.Arguments, buffer);
        return buffer.ToText();
    }

    private static TextValue PrintFormatted(Call call)
    {
        var buffer = new TextBuffer();
        Printf.Write(call.Bytes(0), call.Arguments[1..], buffer);
        return buffer.ToText();
    }

    /// <summary>Escapes what print makes of the arguments, where no value is "no value" as in an action.</summary>
    private static TextValue Escape(Call call, Action<TextBuffer, Rune> escape)
    {
        var values = call.Arguments.ToArray();
        for (var i = 0; i < values.Length; i++)
            values[i] = values[i].IsNil ? TextValue.Of("<no value>") : values[i];

        var plain = new TextBuffer();
        Printer.Print(values, plain);
        var escaped = new TextBuffer();
        foreach (var rune in new Utf8Runes(plain.Written))
            escape(escaped, rune);
        return escaped.ToText();
    }

    private static void Html(TextBuffer output, Rune rune) => Append(output, rune, rune.Value switch
    {
        0 => "\uFFFD",
        '"' => "&#34;",
        '\'' => "&#39;",
        '&' => "&amp;",
        '<' => "&lt;",
        '>' => "&gt;",
        _ => null,
    });

    private static void JavaScript(TextBuffer output, Rune rune) => Append(output, rune, rune.Value switch
    {
        '\\' => "\\\\",
        '\'' => "\\'",
        '"' => "\\\"",
        '<' or '>' or '&' or '=' or < ' ' => string.Create(CultureInfo.InvariantCulture, $"\\u{rune.Value:X4}"),
        >= 0x80 when !GoQuote.IsPrintable(rune) => string.Create(CultureInfo.InvariantCulture, $"\\u{rune.Value:X4}"),
        _ => null,
    });

    private static void UrlQuery(TextBuffer output, Rune rune)
    {
        if (rune.Value == ' ')
        {
            Append(output, rune, "+");
        }
        else if (rune.IsAscii && (char.IsAsciiLetterOrDigit((char)rune.Value) || rune.Value is '-' or '_' or '.' or '~'))
        {
            Append(output, rune, null);
        }
        else
        {
            Span<byte> utf8 = stackalloc byte[4];
            foreach (var unit in utf8[..rune.EncodeToUtf8(utf8)])
                Append(output, rune, string.Create(CultureInfo.InvariantCulture, $"%{unit:X2}"));
        }
    }

    private static void Append(TextBuffer output, Rune rune, string? escape)
    {
        var span = output.GetSpan(16);
        output.Advance(escape is null ? rune.EncodeToUtf8(span) : Encoding.UTF8.GetBytes(escape, span));
    }
}
