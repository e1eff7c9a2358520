using System.Text;
using System.Text.RegularExpressions;

namespace SidecarAgent.Agent.Templates.Execution;

/// <summary>
/// A regular expression with Go's syntax and meaning, run by .NET's engine without backtracking, so that no text makes
/// it slow.
/// </summary>
internal sealed class GoRegex
{
    private readonly Regex _regex;
    private readonly IReadOnlyList<string?> _groupNames;

    private GoRegex(Regex regex, IReadOnlyList<string?> groupNames) => (_regex, _groupNames) = (regex, groupNames);

    /// <exception cref="FormatException">Not Go's syntax.</exception>
    /// <exception cref="RegexParseException">Not Go's syntax.</exception>
    /// <exception cref="NotSupportedException">Needs backtracking.</exception>
    public static GoRegex Parse(string pattern)
    {
        var (translated, groupNames) = RegexTranslation.Translate(pattern);
        const RegexOptions Options = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;
        return new GoRegex(new Regex(translated, Options, TemplateLimits.RegexTime), groupNames);
    }

    public bool IsMatch(string text) => Guard(() => _regex.IsMatch(text));

    /// <param name="text">Where to look.</param>
    /// <param name="max">Negative: all.</param>
    public IReadOnlyList<Match> Matches(string text, int max) => Guard(() =>
    {
        var matches = new List<Match>();
        for (var match = _regex.Match(text); match.Success && matches.Count != max; match = match.NextMatch())
        {
            // Go ignores an empty match that touches the match before.
            if (match.Length > 0 || matches.Count == 0 || matches[^1].Index + matches[^1].Length != match.Index)
                matches.Add(match);
        }

        return matches;
    });

    /// <param name="text">Where to look.</param>
    /// <param name="replacement">With $1, ${1}, $name and $$; or null in favour of <paramref name="literal"/>.</param>
    /// <param name="literal">Taken as it is.</param>
    public string Replace(string text, string? replacement, string literal)
    {
        var result = new StringBuilder();
        var at = 0;
        foreach (var match in Matches(text, -1))
        {
            result.Append(text, at, match.Index - at);
            if (replacement is null)
                result.Append(literal);
            else
                Expand(replacement, match, result);
            at = match.Index + match.Length;
            if (result.Length > TemplateLimits.StringBytes)
                throw new EvaluationException($"a string grows beyond {TemplateLimits.StringBytes} bytes");
        }

        return result.Append(text, at, text.Length - at).ToString();
    }

    /// <summary>A name is as long as possible: $1x is the group named 1x, which there is not, so it is empty.</summary>
    private void Expand(string replacement, Match match, StringBuilder result)
    {
        for (var at = 0; at < replacement.Length; at++)
        {
            if (replacement[at] != '$' || at + 1 == replacement.Length)
            {
                result.Append(replacement[at]);
                continue;
            }

            if (replacement[at + 1] == '$')
            {
                result.Append('$');
                at++;
                continue;
            }

            var braced = replacement[at + 1] == '{';
            var start = at + (braced ? 2 : 1);
            var end = start;
            while (end < replacement.Length && (char.IsLetterOrDigit(replacement[end]) || replacement[end] == '_'))
                end++;
            if (end == start || (braced && (end == replacement.Length || replacement[end] != '}')))
            {
                result.Append('$');
                continue;
            }

            result.Append(Group(match, replacement[start..end]));
            at = braced ? end : end - 1;
        }
    }

    private string Group(Match match, string name)
    {
        var number = name.All(char.IsAsciiDigit) && int.TryParse(name, out var index) ? index : _groupNames.ToList().IndexOf(name);
        return number >= 0 && number < match.Groups.Count ? match.Groups[number].Value : "";
    }

    private static T Guard<T>(Func<T> use)
    {
        try
        {
            return use();
        }
        catch (RegexMatchTimeoutException)
        {
            throw new EvaluationException($"a regular expression runs longer than {TemplateLimits.RegexTime.TotalSeconds} second");
        }
    }
}
