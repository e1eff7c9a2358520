using System.Collections.Concurrent;
using System.Text.RegularExpressions;

namespace SidecarAgent.Agent.Templates.Execution;

/// <summary>The regular expressions of a template, which are nearly always constants: each is built once.</summary>
internal sealed class RegexCache
{
    private const int MaxEntries = 64;
    private const int MaxCharacters = 1000;

    private readonly ConcurrentDictionary<string, GoRegex> _entries = new(StringComparer.Ordinal);

    /// <exception cref="EvaluationException">The pattern is not one of Go's; the message does not repeat it.</exception>
    public GoRegex Get(string pattern)
    {
        if (_entries.TryGetValue(pattern, out var regex))
            return regex;
        if (pattern.Length > MaxCharacters)
            throw new EvaluationException($"a regular expression has more than {MaxCharacters} characters");
        try
        {
            regex = GoRegex.Parse(pattern);
        }
        catch (Exception e) when (e is RegexParseException or NotSupportedException or FormatException)
        {
            // The messages of the library repeat the pattern, which may have been made of a secret.
            throw new EvaluationException(
                e is FormatException ? e.Message : "the regular expression is not one that Go's RE2 syntax knows");
        }

        if (_entries.Count < MaxEntries)
            _entries.TryAdd(pattern, regex);
        return regex;
    }
}
