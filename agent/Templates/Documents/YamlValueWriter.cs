using System.Buffers;
using System.Text;
using SidecarAgent.Agent.Rendering;
using SidecarAgent.Agent.Templates.Execution;
using SidecarAgent.Agent.Templates.Formatting;
using SidecarAgent.Agent.Templates.Values;

namespace SidecarAgent.Agent.Templates.Documents;

/// <summary>Values as YAML in block style, two spaces a level, lists in maps not indented; without a line break at the end.</summary>
internal sealed class YamlValueWriter(IBufferWriter<byte> output)
{
    private const int Step = 2;

    /// <summary>A reader looks no further than 1024 for the colon.</summary>
    private const int MaxKeyBytes = 1000;

    /// <exception cref="EvaluationException">Values are nested too deep.</exception>
    public void Write(Value value)
    {
        switch (value)
        {
            case MapValue { Count: > 0 } map:
                WriteMap(map, 0);
                break;
            case ListValue { Items.Count: > 0 } list:
                WriteList(list, 0);
                break;
            default:
                WriteScalar(value, Step);
                break;
        }
    }

    /// <summary>The first entry goes where the output is; the others begin a line.</summary>
    private void WriteMap(MapValue map, int indent)
    {
        CheckDepth(indent);
        var first = true;
        foreach (var key in map.Keys)
        {
            if (!first)
                Break(indent);
            first = false;
            WriteKey(key);
            switch (map[key])
            {
                case MapValue { Count: > 0 } inner:
                    Break(indent + Step);
                    WriteMap(inner, indent + Step);
                    break;
                case ListValue { Items.Count: > 0 } inner:
                    Break(indent);
                    WriteList(inner, indent);
                    break;
                case var scalar:
                    output.Write(" "u8);
                    WriteScalar(scalar, indent + Step);
                    break;
            }
        }
    }

    private void WriteKey(string key)
    {
        var written = new TextBuffer();
        YamlString.WriteKey(Encoding.UTF8.GetBytes(key), written);
        if (written.Written.Length > MaxKeyBytes)
            throw new EvaluationException($"YAML cannot hold a key of more than {MaxKeyBytes} bytes");
        output.Write(written.Written);
        output.Write(":"u8);
    }

    private void WriteList(ListValue list, int indent)
    {
        CheckDepth(indent);
        for (var i = 0; i < list.Items.Count; i++)
        {
            if (i > 0)
                Break(indent);
            output.Write("- "u8);
            switch (list.Items[i])
            {
                case MapValue { Count: > 0 } inner:
                    WriteMap(inner, indent + Step);
                    break;
                case ListValue { Items.Count: > 0 } inner:
                    WriteList(inner, indent + Step);
                    break;
                case var scalar:
                    WriteScalar(scalar, indent + Step);
                    break;
            }
        }
    }

    private void WriteScalar(Value value, int indent)
    {
        switch (value)
        {
            case TextValue text when System.Text.Unicode.Utf8.IsValid(text.Span):
                YamlString.Write(text.Span, indent, output);
                break;
            case TextValue:
                throw new EvaluationException("a string is not UTF-8 text, which YAML cannot hold; use base64Encode");
            case MapValue:
                output.Write("{}"u8);
                break;
            case ListValue:
                output.Write("[]"u8);
                break;
            default:
                output.Write(Encoding.ASCII.GetBytes(Scalar(value)));
                break;
        }
    }

    private static string Scalar(Value value) => value switch
    {
        BoolValue boolean => boolean.IsTrue ? "true" : "false",
        TimeValue time => time.Rfc3339,
        IntValue number => NumberText.Of(number.Number),
        FloatValue { Number: double.PositiveInfinity } => ".inf",
        FloatValue { Number: double.NegativeInfinity } => "-.inf",
        FloatValue { Number: double.NaN } => ".nan",
        FloatValue number => FloatText.Format(number.Number, 'g', -1),
        _ => "null",
    };

    private void Break(int indent)
    {
        output.Write("\n"u8);
        output.GetSpan(indent + 1)[..indent].Fill((byte)' ');
        output.Advance(indent);
    }

    private static void CheckDepth(int indent)
    {
        if (indent > TemplateLimits.ValueDepth * Step)
            throw new EvaluationException($"lists and maps are nested deeper than {TemplateLimits.ValueDepth}");
    }
}
