using System.Globalization;

namespace SidecarAgent.Webhook.Injection;

/// <summary>
/// Our annotations of one pod, read one by one. A value that cannot be used is noted and the fallback returned, so that
/// one reading finds everything that is wrong.
/// </summary>
internal sealed class AnnotationReader
{
    private const int Shown = 120;

    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);
    private readonly List<string> _problems = [];
    private readonly HashSet<string> _spoilt = new(StringComparer.Ordinal);

    private readonly AnnotationSet _annotations;

    public AnnotationReader(AnnotationSet annotations)
    {
        _annotations = annotations;
        _problems.AddRange(annotations.Problems);
        foreach (var (name, value) in annotations.Values)
        {
            if (name.StartsWith(Annotations.Prefix, StringComparison.Ordinal))
                _values[name[Annotations.Prefix.Length..]] = value;
        }
    }

    /// <summary>Names without the prefix, sorted, so that the same pod always gives the same patch and the same message.</summary>
    public IEnumerable<string> Names => _values.Keys.Order(StringComparer.Ordinal);

    public IReadOnlyList<string> Problems => _problems;

    /// <summary>Whether any of these annotations could not be used.</summary>
    public bool IsSpoilt(Func<string, bool> names) => _spoilt.Any(names);

    public void Report(string name, string message)
    {
        _spoilt.Add(name);
        var written = _annotations.Origins.GetValueOrDefault(name) ?? Annotations.Prefix + name;
        _problems.Add($"annotation {Foreign.Plain(written, Shown)}: {message}");
    }

    /// <summary>The value without white space around it, or null if the pod does not have the annotation.</summary>
    public string? Text(string name) => _values.GetValueOrDefault(name)?.Trim();

    /// <summary>The value, every character of it.</summary>
    public string? Exact(string name) => _values.GetValueOrDefault(name);

    public bool Flag(string name, bool fallback)
    {
        switch (Text(name))
        {
            case null:
                return fallback;
            case "true":
                return true;
            case "false":
                return false;
            case { } text:
                Report(name, $"expected \"true\" or \"false\", got {Foreign.Quote(text)}");
                return fallback;
        }
    }

    public long? WholeNumber(string name, long min, long max)
    {
        if (Text(name) is not { } text)
            return null;
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max)
            return value;
        Report(name, $"expected a whole number from {min} to {max}, got {Foreign.Quote(text)}");
        return null;
    }

    /// <summary>The meaning of one of the given words.</summary>
    public T OneOf<T>(string name, T fallback, params (string Word, T Meaning)[] words)
    {
        if (Text(name) is not { } text)
            return fallback;
        foreach (var (word, meaning) in words)
        {
            if (text == word)
                return meaning;
        }

        Report(name, $"expected one of {string.Join(", ", words.Select(w => w.Word))}, got {Foreign.Quote(text)}");
        return fallback;
    }

    public Quantity? Quantity(string name, string example)
    {
        if (Text(name) is not { } text)
            return null;
        var quantity = Injection.Quantity.TryParse(text);
        if (quantity is null)
            Report(name, $"expected a quantity such as {example}, got {Foreign.Quote(text)}");
        return quantity;
    }

    /// <summary>A quantity, or <c>none</c>.</summary>
    public ResourceChoice? Resource(string name, string example)
    {
        if (Text(name) is "none")
            return new ResourceChoice(null);
        return Quantity(name, $"{example}, or none") is { } quantity ? new ResourceChoice(quantity) : null;
    }

    public Notification? Notification(string name)
    {
        if (Text(name) is not { } text)
            return null;
        if (Injection.Notification.TryParse(text, out var notification, out var problem))
            return notification;
        Report(name, problem);
        return null;
    }

    /// <summary>A value that a rule of its own judges: the rule answers with what is wrong, or null.</summary>
    public string? Checked(string name, Func<string, string?> rule)
    {
        if (Text(name) is not { } text)
            return null;
        if (rule(text) is not { } problem)
            return text;
        Report(name, problem);
        return null;
    }
}
