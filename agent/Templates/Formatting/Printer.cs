using System.Buffers;
using SidecarAgent.Agent.Templates.Values;

namespace SidecarAgent.Agent.Templates.Formatting;

/// <summary>Go's Print and Println, and the printing of an action's value.</summary>
internal static class Printer
{
    /// <summary>What an action prints; no value at all is <c>&lt;no value&gt;</c>.</summary>
    public static void WriteAction(Value value, IBufferWriter<byte> output)
    {
        switch (value)
        {
            case TextValue text:
                output.Write(text.Span);
                break;
            case NilValue:
                output.Write("<no value>"u8);
                break;
            default:
                ValueFormat.Write(new FormatWriter(output), value, 'v');
                break;
        }
    }

    /// <summary>A space between two neighbours if neither is a string.</summary>
    public static void Print(ReadOnlySpan<Value> values, IBufferWriter<byte> output)
    {
        var writer = new FormatWriter(output);
        for (var i = 0; i < values.Length; i++)
        {
            if (i > 0 && values[i] is not TextValue && values[i - 1] is not TextValue)
                writer.Write(" "u8);
            ValueFormat.Write(writer, values[i], 'v');
        }
    }

    /// <summary>A space between all, and a line break.</summary>
    public static void PrintLine(ReadOnlySpan<Value> values, IBufferWriter<byte> output)
    {
        var writer = new FormatWriter(output);
        for (var i = 0; i < values.Length; i++)
        {
            if (i > 0)
                writer.Write(" "u8);
            ValueFormat.Write(writer, values[i], 'v');
        }

        writer.Write("\n"u8);
    }
}
