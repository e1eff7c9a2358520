using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace SidecarAgent.Yaml;

/// <summary>
/// Reads a YAML document as the JSON tree that Kubernetes' own tools would make of it. What means what in a plain scalar is
/// said by <see cref="YamlScalars"/>; anchors and merge keys are resolved.
/// </summary>
public static class YamlJson
{
    private const int MaxCharacters = 4 * 1024 * 1024;
    private const int MaxDepth = 64;

    /// <summary>Aliases can make a small file a large tree.</summary>
    private const int MaxNodes = 200_000;

    private const string MergeKey = "<<";

    /// <param name="text">One YAML document of at most 4 MiB.</param>
    /// <param name="name">How problems call the file.</param>
    /// <param name="firstLine">The line of the file at which the text begins, counting from 1.</param>
    /// <returns>The tree; null for an empty document.</returns>
    /// <exception cref="InvalidYamlException">The text is not YAML, not one document, or has no JSON form.</exception>
    public static JsonNode? Parse(string text, string name, int firstLine = 1)
    {
        var reader = new Reader(name, firstLine);
        if (text.Length > MaxCharacters)
            throw reader.Invalid(Mark.Empty, $"a document has at most {MaxCharacters} characters, got {text.Length}");
        var stream = new YamlStream();
        try
        {
            stream.Load(new ShallowParser(new Parser(new StringReader(text))));
        }
        catch (YamlException e)
        {
            throw reader.Invalid(e.Start, $"not valid YAML: {e.Message}");
        }

        return stream.Documents.Count switch
        {
            0 => null,
            1 => reader.Convert(stream.Documents[0].RootNode, depth: 0),
            var count => throw reader.Invalid(Mark.Empty, $"expected one YAML document, got {count}"),
        };
    }

    /// <summary>Stops before nesting overflows the stack of who reads it.</summary>
    private sealed class ShallowParser(Parser inner) : IParser
    {
        private int _depth;

        public ParsingEvent? Current => inner.Current;

        public bool MoveNext()
        {
            if (!inner.MoveNext())
                return false;
            _depth += inner.Current!.NestingIncrease;
            return _depth <= MaxDepth + 2
                ? true
                : throw new YamlException(inner.Current.Start, inner.Current.End, $"nested more than {MaxDepth} levels deep");
        }
    }

    private sealed class Reader(string name, int firstLine)
    {
        private int _nodes;

        public InvalidYamlException Invalid(Mark at, string message) =>
            new([new YamlProblem(name, Math.Max(at.Line, 1) + firstLine - 1, Math.Max(at.Column, 1), message)]);

        public JsonNode? Convert(YamlNode node, int depth)
        {
            if (depth > MaxDepth)
                throw Invalid(node.Start, $"nested more than {MaxDepth} levels deep");
            if (++_nodes > MaxNodes)
                throw Invalid(node.Start, $"more than {MaxNodes} values, counting each use of an anchor");
            return node switch
            {
                YamlMappingNode mapping => Mapping(mapping, depth),
                YamlSequenceNode sequence => new JsonArray([.. sequence.Children.Select(child => Convert(child, depth + 1))]),
                YamlScalarNode scalar => Scalar(scalar),
                _ => throw Invalid(node.Start, "this kind of value has no JSON form"),
            };
        }

        private JsonObject Mapping(YamlMappingNode mapping, int depth)
        {
            var result = new JsonObject();
            foreach (var (keyNode, value) in mapping.Children)
            {
                if (keyNode is not YamlScalarNode { Value: { } key })
                    throw Invalid(keyNode.Start, "a key must be a single value");
                if (key != MergeKey || ((YamlScalarNode)keyNode).Style != ScalarStyle.Plain)
                    result[key] = Convert(value, depth + 1);
            }

            foreach (var (keyNode, value) in mapping.Children)
            {
                if (keyNode is YamlScalarNode { Value: MergeKey, Style: ScalarStyle.Plain })
                    Merge(result, value, depth);
            }

            return result;
        }

        /// <summary>What a mapping says itself goes before what it merges, and earlier ones before later ones.</summary>
        private void Merge(JsonObject into, YamlNode value, int depth)
        {
            foreach (var source in value is YamlSequenceNode sequence ? sequence.Children : [value])
            {
                if (source is not YamlMappingNode mapping)
                    throw Invalid(source.Start, $"'{MergeKey}' takes a mapping, or a list of mappings");
                foreach (var (key, merged) in Mapping(mapping, depth + 1).ToList())
                {
                    if (!into.ContainsKey(key))
                        into[key] = merged?.DeepClone();
                }
            }
        }

        private JsonNode? Scalar(YamlScalarNode scalar)
        {
            var isText = scalar.Style != ScalarStyle.Plain || scalar.Tag.ToString() is "tag:yaml.org,2002:str" or "!";
            if (isText)
                return JsonValue.Create(scalar.Value ?? "");
            return YamlScalars.TryRead(scalar.Value ?? "", out var value)
                ? value
                : throw Invalid(scalar.Start, $"'{scalar.Value}' is a number that JSON does not have");
        }
    }
}
