using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace SidecarAgent.Yaml;

/// <summary>
/// Stops at what configuration never needs and an attacker does: nesting so deep that reading it overflows the stack, and
/// aliases, by which a small file can mean a very large one.
/// </summary>
internal sealed class StrictParser(TextReader text) : IParser
{
    private const int MaxDepth = 32;

    private readonly Parser _parser = new(text);
    private int _depth;

    public ParsingEvent? Current => _parser.Current;

    public bool MoveNext()
    {
        if (!_parser.MoveNext())
            return false;
        var current = _parser.Current!;
        _depth += current.NestingIncrease;
        if (_depth > MaxDepth)
            throw new YamlException(current.Start, current.End, $"more than {MaxDepth} levels deep");
        if (current is AnchorAlias alias)
            throw new YamlException(
                alias.Start, alias.End, $"aliases are not supported; write out what *{alias.Value} stands for");
        return true;
    }
}
