using System.Text;
using SidecarAgent.Agent.Templates.Execution;
using SidecarAgent.Agent.Templates.Values;

namespace SidecarAgent.Agent.Templates.Formatting;

/// <summary>One value under one verb: what Go's fmt does with a value of each kind, lists and maps by their elements.</summary>
internal static class ValueFormat
{
    public static void Write(FormatWriter writer, Value value, int verb) => Write(writer, value, verb, 0);

    private static void Write(FormatWriter writer, Value value, int verb, int depth)
    {
        if (depth > TemplateLimits.ValueDepth)
            throw new EvaluationException($"lists and maps are nested deeper than {TemplateLimits.ValueDepth}");

        if (verb == 'T')
        {
            StringFormat.TryWrite(writer, Encoding.UTF8.GetBytes(value.GoType), 's');
            return;
        }

        switch (value)
        {
            case NilValue:
                WriteNil(writer, verb, depth);
                break;
            case ListValue list when verb != 'p':
                WriteList(writer, list, verb, depth);
                break;
            case MapValue map when verb != 'p':
                WriteMap(writer, map, verb, depth);
                break;
            default:
                if (!TryWriteScalar(writer, value, verb))
                    WriteBadVerb(writer, value, verb, depth);
                break;
        }
    }

    private static bool TryWriteScalar(FormatWriter writer, Value value, int verb)
    {
        switch (value)
        {
            case TextValue text:
                return StringFormat.TryWrite(writer, text.Span, verb);
            case TimeValue time:
                return StringFormat.TryWrite(writer, Encoding.UTF8.GetBytes(time.Printed), verb);
            case IntValue { IsData: true } data when verb is 'e' or 'E' or 'f' or 'F' or 'g' or 'G':
                return FloatFormat.TryWrite(writer, data.Number, verb);
            case IntValue integer:
                return IntegerFormat.TryWrite(writer, integer.Number, verb);
            case FloatValue number:
                return FloatFormat.TryWrite(writer, number.Number, verb);
            case BoolValue boolean when verb is 't' or 'v':
                writer.Pad(boolean.IsTrue ? "true"u8 : "false"u8);
                return true;
            default:
                return false;
        }
    }

    private static void WriteNil(FormatWriter writer, int verb, int depth)
    {
        if (depth > 0)
            writer.Write(writer.Flags.GoSyntax ? "interface {}(nil)"u8 : "<nil>"u8);
        else if (verb == 'v')
            writer.Pad("<nil>"u8);
        else
            WriteBadVerb(writer, NilValue.Null, verb, depth);
    }

    private static void WriteList(FormatWriter writer, ListValue list, int verb, int depth)
    {
        var goSyntax = writer.Flags.GoSyntax;
        writer.Write(goSyntax ? "[]interface {}{"u8 : "["u8);
        for (var i = 0; i < list.Items.Count; i++)
        {
            if (i > 0)
                writer.Write(goSyntax ? ", "u8 : " "u8);
            Write(writer, list.Items[i], verb, depth + 1);
        }

        writer.Write(goSyntax ? "}"u8 : "]"u8);
    }

    private static void WriteMap(FormatWriter writer, MapValue map, int verb, int depth)
    {
        var goSyntax = writer.Flags.GoSyntax;
        writer.Write(goSyntax ? "map[string]interface {}{"u8 : "map["u8);
        var first = true;
        foreach (var key in map.Keys)
        {
            if (!first)
                writer.Write(goSyntax ? ", "u8 : " "u8);
            first = false;
            Write(writer, TextValue.Of(key), verb, depth + 1);
            writer.Write(":"u8);
            Write(writer, map[key], verb, depth + 1);
        }

        writer.Write(goSyntax ? "}"u8 : "]"u8);
    }

    /// <summary>%!verb(type=value): Go puts its complaints into the output.</summary>
    private static void WriteBadVerb(FormatWriter writer, Value value, int verb, int depth)
    {
        writer.Write("%!"u8);
        writer.Write(new Rune(verb));
        writer.Write("("u8);
        if (value.IsNil)
        {
            writer.Write("<nil>"u8);
        }
        else
        {
            writer.Write(value.GoType);
            writer.Write("="u8);
            Write(writer, value, 'v', depth);
        }

        writer.Write(")"u8);
    }
}
