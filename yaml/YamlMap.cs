using System.Globalization;
using YamlDotNet.RepresentationModel;

namespace SidecarAgent.Yaml;

/// <summary>
/// One mapping of a <see cref="YamlFile"/>. Asking for a key makes it known; a key that was never asked for is reported
/// by <see cref="YamlFile.ThrowIfInvalid"/>. A getter that finds a problem notes it and returns the fallback, so that
/// reading can go on.
/// </summary>
public sealed class YamlMap
{
    private readonly YamlFile _file;
    private readonly YamlMappingNode _node;
    private readonly string _where;
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    // One for each node, however often it is asked for: what is known is known for all who ask.
    private readonly Dictionary<YamlNode, YamlMap> _children = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<string, YamlNode> _values = new(StringComparer.Ordinal);
    private readonly bool _missing;

    /// <param name="file">Whose problems these are.</param>
    /// <param name="node">The mapping.</param>
    /// <param name="where">How problems call it.</param>
    /// <param name="missing">It stands in for a mapping whose absence is already reported, so it says no more.</param>
    internal YamlMap(YamlFile file, YamlMappingNode node, string where, bool missing = false)
    {
        _file = file;
        _node = node;
        _where = where;
        _missing = missing;
        foreach (var (key, value) in node.Children)
        {
            if (key is YamlScalarNode { Value: { } name })
                _values[name] = value;
        }
    }

    /// <summary>The keys as they stand in the file, for mappings whose keys are names; each becomes known.</summary>
    public IEnumerable<string> Keys
    {
        get
        {
            foreach (var key in _values.Keys.Where(_ => !_missing))
            {
                _known.Add(key);
                yield return key;
            }
        }
    }

    public bool Has(string key) => Find(key) is not null;

    /// <summary>A required scalar that is not empty.</summary>
    public string Text(string key)
    {
        if (Find(key) is null)
        {
            Report($"{_where} needs '{key}'");
            return "";
        }

        var value = OptionalText(key);
        if (value is "")
            Report(key, $"'{key}' must not be empty");
        return value ?? "";
    }

    /// <summary>A scalar, or null if the key is absent.</summary>
    public string? OptionalText(string key)
    {
        switch (Find(key))
        {
            case null:
                return null;
            case YamlScalarNode scalar:
                return scalar.Value ?? "";
            default:
                Report(key, $"'{key}' must be a single value");
                return null;
        }
    }

    public bool Boolean(string key, bool fallback) =>
        Scalar(key, fallback, "true or false", static (string text, out bool value) => bool.TryParse(text, out value));

    public int WholeNumber(string key, int fallback, int min, int max) =>
        Scalar(key, fallback, $"a whole number from {min} to {max}", (string text, out int value) =>
            int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value)
            && value >= min && value <= max);

    /// <summary>A duration such as 90s, 15m, 1h or 7d.</summary>
    public TimeSpan Duration(string key, TimeSpan fallback) =>
        Scalar<TimeSpan>(key, fallback, "a duration such as 90s, 15m, 1h or 7d", YamlDuration.TryParse);

    /// <summary>One of the given words.</summary>
    public string OneOf(string key, string fallback, params string[] words) =>
        Scalar(key, fallback, $"one of {string.Join(", ", words)}", (string text, out string value) =>
        {
            value = text;
            return words.Contains(text);
        });

    /// <summary>The mapping under a key, or null if the key is absent.</summary>
    public YamlMap? OptionalMap(string key)
    {
        switch (Find(key))
        {
            case null:
                return null;
            case YamlMappingNode mapping:
                return Child(mapping, $"'{key}'");
            default:
                Report(key, $"'{key}' must be a mapping (key: value)");
                return null;
        }
    }

    /// <summary>The mapping under a required key; an empty one stands in for it when it is missing.</summary>
    public YamlMap Map(string key)
    {
        if (Find(key) is null)
            Report($"{_where} needs '{key}'");
        return OptionalMap(key) ?? new YamlMap(_file, _node, $"'{key}'", missing: true);
    }

    /// <summary>The mappings of a list; empty if the key is absent.</summary>
    public IReadOnlyList<YamlMap> Maps(string key)
    {
        var maps = new List<YamlMap>();
        foreach (var item in Items(key))
        {
            if (item is YamlMappingNode mapping)
                maps.Add(Child(mapping, $"an entry of '{key}'"));
            else
                _file.Report(item, $"each entry of '{key}' must be a mapping (key: value)");
        }

        return maps;
    }

    /// <summary>The scalars of a list; empty if the key is absent.</summary>
    public IReadOnlyList<string> Texts(string key)
    {
        var texts = new List<string>();
        foreach (var item in Items(key))
        {
            if (item is YamlScalarNode { Value: { Length: > 0 } value })
                texts.Add(value);
            else
                _file.Report(item, $"each entry of '{key}' must be a single value");
        }

        return texts;
    }

    /// <summary>Whether the key has a list with nothing in it.</summary>
    public bool IsEmptyList(string key) => Find(key) is YamlSequenceNode { Children.Count: 0 };

    /// <summary>Notes a problem with the value of a key.</summary>
    public void Report(string key, string message)
    {
        if (!_missing)
            _file.Report(Find(key) ?? _node, message);
    }

    /// <summary>Notes a problem with the mapping as a whole.</summary>
    public void Report(string message)
    {
        if (!_missing)
            _file.Report(_node, message);
    }

    internal void ReportUnknownKeys()
    {
        foreach (var key in _node.Children.Keys)
        {
            if (key is not YamlScalarNode { Value: { } name })
                _file.Report(key, "a key must be a single value");
            else if (!_known.Contains(name))
                _file.Report(key, $"unknown key '{name}' in {_where}; {Expected(name)}");
        }

        foreach (var child in _children.Values)
            child.ReportUnknownKeys();
    }

    private string Expected(string unknown) =>
        NearestName.Find(unknown, _known) is { } nearest
            ? $"did you mean '{nearest}'?"
            : $"expected {string.Join(", ", _known.Order(StringComparer.Ordinal))}";

    private IEnumerable<YamlNode> Items(string key)
    {
        switch (Find(key))
        {
            case null:
                return [];
            case YamlSequenceNode sequence:
                return sequence.Children;
            default:
                Report(key, $"'{key}' must be a list");
                return [];
        }
    }

    private delegate bool TryParse<T>(string text, out T value);

    private T Scalar<T>(string key, T fallback, string expected, TryParse<T> parse)
    {
        if (Find(key) is null)
            return fallback;
        if (Find(key) is YamlScalarNode { Value: { } text } && parse(text, out var value))
            return value;
        Report(key, $"'{key}' must be {expected}");
        return fallback;
    }

    private YamlMap Child(YamlMappingNode node, string where)
    {
        if (!_children.TryGetValue(node, out var child))
            _children[node] = child = new YamlMap(_file, node, where);
        return child;
    }

    private YamlNode? Find(string key)
    {
        _known.Add(key);
        return _missing ? null : _values.GetValueOrDefault(key);
    }
}
