using SidecarAgent.Agent.Templates.Execution;
using SidecarAgent.Agent.Templates.Values;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace SidecarAgent.Agent.Templates.Documents;

/// <summary>The first document of a YAML text as values. Nothing of the text gets into an error.</summary>
internal sealed class YamlValueReader
{
    private const int MaxDepth = 64;

    private readonly Parser _parser;
    private readonly Dictionary<AnchorName, Value> _anchors = [];
    private int _depth;

    private YamlValueReader(string text) => _parser = new Parser(new StringReader(text));

    /// <exception cref="EvaluationException">The text is not YAML, or nested deeper than 64.</exception>
    public static Value Read(string text)
    {
        try
        {
            return new YamlValueReader(text).ReadDocument();
        }
        catch (Exception e) when (e is YamlException or ArgumentException or InvalidOperationException)
        {
            // The library's message may quote the text, which may be a secret. On some malformed texts it throws the others.
            var line = e is YamlException { Start.Line: var number } ? $" (line {number})" : "";
            throw new EvaluationException($"the text is not YAML{line}");
        }
    }

    private Value ReadDocument()
    {
        _parser.Consume<StreamStart>();
        return _parser.TryConsume<DocumentStart>(out _) ? ReadNode() : NilValue.Null;
    }

    private Value ReadNode()
    {
        if (_parser.TryConsume<AnchorAlias>(out var alias))
        {
            return _anchors.TryGetValue(alias.Value, out var known)
                ? known
                : throw new EvaluationException($"the YAML text refers to an anchor that it does not define (line {alias.Start.Line})");
        }

        // On some malformed texts the library ends a mapping between a key and its value.
        if (_parser.Current is not NodeEvent node)
            throw new EvaluationException("the text is not YAML");
        if (++_depth > MaxDepth)
            throw new EvaluationException($"the YAML text is nested deeper than {MaxDepth}");
        var value = node switch
        {
            SequenceStart => ReadSequence(),
            MappingStart => ReadMapping(),
            _ => ReadScalar(),
        };
        _depth--;
        if (!node.Anchor.IsEmpty)
            _anchors[node.Anchor] = value;
        return value;
    }

    private Value ReadScalar()
    {
        var scalar = _parser.Consume<Scalar>();
        return scalar.Style == ScalarStyle.Plain && scalar.IsPlainImplicit
            ? YamlPlainScalar.Resolve(scalar.Value)
            : TextValue.Of(scalar.Value);
    }

    private ListValue ReadSequence()
    {
        _parser.Consume<SequenceStart>();
        var items = new List<Value>();
        while (!_parser.TryConsume<SequenceEnd>(out _))
            items.Add(ReadNode());
        return new ListValue(items);
    }

    private DictValue ReadMapping()
    {
        _parser.Consume<MappingStart>();
        var map = new DictValue();
        var merged = new List<MapValue>();
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            var (line, isMerge) = (_parser.Current!.Start.Line, _parser.Current is Scalar { Value: "<<", Style: ScalarStyle.Plain });
            var key = _parser.Current is Scalar ? _parser.Consume<Scalar>().Value
                : throw new EvaluationException($"the YAML text has a key that is not a single value (line {line})");
            var value = ReadNode();
            if (!isMerge)
                map.Set(key, value);
            else if (value is MapValue one)
                merged.Add(one);
            else if (value is ListValue several)
                merged.AddRange(several.Items.OfType<MapValue>());
        }

        foreach (var source in merged)
            AddMissing(map, source);
        return map;
    }

    private static void AddMissing(DictValue map, MapValue source)
    {
        foreach (var key in source.Keys)
        {
            if (!map.TryGet(key, out _))
                map.Set(key, source[key]);
        }
    }
}
