using System.Buffers;
using System.Text;
using SidecarAgent.Agent.Rendering;
using SidecarAgent.Agent.Templates.Execution;
using SidecarAgent.Agent.Templates.Formatting;
using SidecarAgent.Agent.Templates.Values;

namespace SidecarAgent.Agent.Templates.Documents;

/// <summary>Values as JSON, byte for byte as Go's encoding/json writes them; keys are sorted.</summary>
internal sealed class JsonValueWriter(IBufferWriter<byte> output, bool pretty, bool escapeHtml)
{
    /// <exception cref="EvaluationException">A number is not finite, or values are nested too deep.</exception>
    public void Write(Value value) => Write(value, 0);

    private void Write(Value value, int depth)
    {
        if (depth > TemplateLimits.ValueDepth)
            throw new EvaluationException($"lists and maps are nested deeper than {TemplateLimits.ValueDepth}");
        switch (value)
        {
            case TextValue text:
                JsonString.Write(text.Span, escapeHtml, output);
                break;
            case TimeValue time:
                JsonString.Write(Encoding.ASCII.GetBytes(time.Rfc3339), escapeHtml, output);
                break;
            case IntValue number:
                output.Write(Encoding.ASCII.GetBytes(NumberText.Of(number.Number)));
                break;
            case FloatValue number:
                output.Write(Encoding.ASCII.GetBytes(Number(number.Number)));
                break;
            case BoolValue boolean:
                output.Write(boolean.IsTrue ? "true"u8 : "false"u8);
                break;
            case ListValue list:
                WriteList(list, depth);
                break;
            case MapValue map:
                WriteMap(map, depth);
                break;
            default:
                output.Write("null"u8);
                break;
        }
    }

    private void WriteList(ListValue list, int depth)
    {
        output.Write("["u8);
        for (var i = 0; i < list.Items.Count; i++)
        {
            if (i > 0)
                output.Write(","u8);
            Break(depth + 1);
            Write(list.Items[i], depth + 1);
        }

        if (list.Items.Count > 0)
            Break(depth);
        output.Write("]"u8);
    }

    private void WriteMap(MapValue map, int depth)
    {
        output.Write("{"u8);
        var first = true;
        foreach (var key in map.Keys)
        {
            if (!first)
                output.Write(","u8);
            first = false;
            Break(depth + 1);
            JsonString.Write(Encoding.UTF8.GetBytes(key), escapeHtml, output);
            output.Write(pretty ? ": "u8 : ":"u8);
            Write(map[key], depth + 1);
        }

        if (!first)
            Break(depth);
        output.Write("}"u8);
    }

    private void Break(int depth)
    {
        if (!pretty)
            return;
        output.Write("\n"u8);
        for (var i = 0; i < depth; i++)
            output.Write("  "u8);
    }

    /// <summary>As JavaScript: an exponent only for very small and very large numbers, and without a leading zero.</summary>
    private static string Number(double number)
    {
        if (!double.IsFinite(number))
            throw new EvaluationException("JSON knows no infinite numbers");
        var size = Math.Abs(number);
        if (size == 0 || size is >= 1e-6 and < 1e21)
            return FloatText.Format(number, 'f', -1);
        var text = FloatText.Format(number, 'e', -1);
        return text[^4..^1] == "e-0" ? text[..^2] + text[^1] : text;
    }
}
