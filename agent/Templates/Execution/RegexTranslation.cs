using System.Globalization;
using System.Text;

namespace SidecarAgent.Agent.Templates.Execution;

/// <summary>
/// Writes a pattern of Go's RE2 syntax as .NET understands it. The two look alike and differ in what matters: what \d,
/// \w, \s and $ match, how groups with names are counted, and what only one of them knows.
/// </summary>
internal sealed class RegexTranslation
{
    private readonly string _pattern;
    private readonly StringBuilder _result = new();
    private readonly List<string?> _groupNames = [null];
    private readonly Stack<bool> _outerMultiline = new();
    private int _at;
    private bool _multiline;

    private RegexTranslation(string pattern) => _pattern = pattern;

    /// <returns>The pattern, in which all groups are numbered from left to right, and their names; the first is the whole.</returns>
    /// <exception cref="FormatException">It holds what Go does not know, or what cannot be written for .NET.</exception>
    public static (string Pattern, IReadOnlyList<string?> GroupNames) Translate(string pattern)
    {
        var translation = new RegexTranslation(pattern);
        while (translation._at < pattern.Length)
            translation.Next();
        return (translation._result.ToString(), translation._groupNames);
    }

    private void Next()
    {
        var c = _pattern[_at];
        switch (c)
        {
            case '\\':
                Escape(insideClass: false);
                break;
            case '[':
                Class();
                break;
            case '(':
                Group();
                break;
            case ')':
                if (_outerMultiline.Count > 0)
                    _multiline = _outerMultiline.Pop();
                Copy(1);
                break;
            case '$':
                // In .NET a dollar sign also matches before a line break at the end.
                _result.Append(_multiline ? "$" : "\\z");
                _at++;
                break;
            case '#' or ' ':
                _result.Append('\\').Append(c);
                _at++;
                break;
            default:
                Copy(1);
                break;
        }
    }

    private void Group()
    {
        _outerMultiline.Push(_multiline);
        if (!Is("(?"))
        {
            _groupNames.Add(null);
            Copy(1);
        }
        else if (Is("(?P<") || (Is("(?<") && !Is("(?<=") && !Is("(?<!")))
        {
            var start = _pattern.IndexOf('<', _at) + 1;
            var end = _pattern.IndexOf('>', start);
            if (end < 0)
                throw new FormatException("the name of a group in the regular expression is not closed");
            _groupNames.Add(_pattern[start..end]);
            _result.Append('(');
            _at = end + 1;
        }
        else
        {
            Flags();
        }
    }

    /// <summary>"(?i)" up to the end of the group around it, or "(?i:" for a group of its own.</summary>
    private void Flags()
    {
        var end = _pattern.IndexOfAny([':', ')'], _at);
        var flags = end < 0 ? "?" : _pattern[(_at + 2)..end];
        if (flags.Any(flag => flag is not ('i' or 'm' or 's' or '-')))
        {
            throw new FormatException(
                "the regular expression has a group that only .NET or Perl knows; known are (?i), (?m), (?s) and (?P<name>");
        }

        var off = flags.IndexOf('-', StringComparison.Ordinal);
        if (flags.Contains('m', StringComparison.Ordinal))
            _multiline = off < 0 || flags.IndexOf('m', StringComparison.Ordinal) < off;
        if (_pattern[end] == ')')
            _outerMultiline.Pop();
        _result.Append(_pattern, _at, end + 1 - _at);
        _at = end + 1;
    }

    private void Class()
    {
        Copy(1);
        if (_at < _pattern.Length && _pattern[_at] == '^')
            Copy(1);
        for (var first = true; _at < _pattern.Length && (first || _pattern[_at] != ']'); first = false)
        {
            if (Is("[:"))
                PosixClass();
            else if (_pattern[_at] == '\\')
                Escape(insideClass: true);
            else if (_pattern[_at] is '[' or ']')
                _result.Append('\\').Append(_pattern[_at++]);
            else if (Is("-["))
                throw new FormatException("the regular expression ends a range with '['; write \\[");
            else
                Copy(1);
        }

        if (_at < _pattern.Length)
            Copy(1);
    }

    private void PosixClass()
    {
        var end = _pattern.IndexOf(":]", _at, StringComparison.Ordinal);
        var name = end < 0 ? "" : _pattern[(_at + 2)..end];
        _result.Append(name switch
        {
            "alnum" => "0-9A-Za-z",
            "alpha" => "A-Za-z",
            "ascii" => "\\x00-\\x7F",
            "blank" => "\\t ",
            "cntrl" => "\\x00-\\x1F\\x7F",
            "digit" => "0-9",
            "graph" => "!-~",
            "lower" => "a-z",
            "print" => " -~",
            "punct" => "!-/:-@\\[-`{-~",
            "space" => "\\t\\n\\v\\f\\r ",
            "upper" => "A-Z",
            "word" => "0-9A-Za-z_",
            "xdigit" => "0-9A-Fa-f",
            _ => throw new FormatException("the regular expression has a class [:name:] that does not exist, or a negated one"),
        });
        _at = end + 2;
    }

    private void Escape(bool insideClass)
    {
        if (_at + 1 == _pattern.Length)
            throw new FormatException("the regular expression ends with a backslash");
        var c = _pattern[_at + 1];
        switch (c)
        {
            // ASCII only in Go.
            case 'd': Set("0-9", insideClass); break;
            case 'w': Set("0-9A-Za-z_", insideClass); break;
            case 's': Set("\\t\\n\\f\\r ", insideClass); break;
            case 'D' or 'W' or 'S' when insideClass:
                throw new FormatException($"the regular expression has \\{c} within a class, which is not known here");
            case 'D': Set("^0-9", insideClass); break;
            case 'W': Set("^0-9A-Za-z_", insideClass); break;
            case 'S': Set("^\\t\\n\\f\\r ", insideClass); break;
            case 'Q': Quotation(); break;
            case 'x' when Is("\\x{"): CodePoint(); break;
            case 'p' or 'P' when _at + 2 < _pattern.Length && _pattern[_at + 2] != '{':
                _result.Append('\\').Append(c).Append('{').Append(_pattern[_at + 2]).Append('}');
                _at += 3;
                break;
            case 'A' or 'z' or 'b' or 'B' or 'a' or 'f' or 't' or 'n' or 'r' or 'v' or 'x' or 'p' or 'P':
            case var other when !char.IsAsciiLetterOrDigit(other):
                Copy(2);
                break;
            default:
                throw new FormatException($"the regular expression has the escape \\{c}, which Go does not know");
        }
    }

    private void Set(string characters, bool insideClass)
    {
        _result.Append(insideClass ? characters : $"[{characters}]");
        _at += 2;
    }

    /// <summary>\Q...\E: everything stands for itself.</summary>
    private void Quotation()
    {
        var end = _pattern.IndexOf("\\E", _at, StringComparison.Ordinal);
        var text = _pattern[(_at + 2)..(end < 0 ? _pattern.Length : end)];
        _result.Append(System.Text.RegularExpressions.Regex.Escape(text));
        _at = end < 0 ? _pattern.Length : end + 2;
    }

    /// <summary>\x{10FF}</summary>
    private void CodePoint()
    {
        var end = _pattern.IndexOf('}', _at);
        if (end < 0
            || !int.TryParse(_pattern.AsSpan((_at + 3)..end), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            || value > 0xFFFF)
            throw new FormatException("the regular expression has a code point \\x{...} that is none, or one beyond U+FFFF");
        _result.Append(CultureInfo.InvariantCulture, $"\\u{value:X4}");
        _at = end + 1;
    }

    private bool Is(string text) => string.CompareOrdinal(_pattern, _at, text, 0, text.Length) == 0;

    private void Copy(int count)
    {
        _result.Append(_pattern, _at, count);
        _at += count;
    }
}
