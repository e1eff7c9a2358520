using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace SidecarAgent.Broker.Secrets;

/// <summary>
/// Where a secret lives: the mount, which is the first segment, and the name below it, such as <c>kv/shop/orders</c>.
/// At most 256 characters; segments of <c>[A-Za-z0-9._-]</c>, none of them <c>.</c> or <c>..</c>; at least two segments.
/// </summary>
internal readonly record struct SecretPath
{
    public const int MaxLength = 256;

    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

    private readonly string? _text;

    private SecretPath(string text) => _text = text;

    public string Mount => Text[..Text.IndexOf('/')];

    public string Name => Text[(Text.IndexOf('/') + 1)..];

    private string Text => _text ?? throw new InvalidOperationException("An empty path was used.");

    /// <param name="text">What somebody sent.</param>
    /// <param name="path">The path, if it is one.</param>
    /// <param name="problem">Otherwise what was wrong and what was expected; never more of the text than is safe to log.</param>
    public static bool TryParse(string text, out SecretPath path, [NotNullWhen(false)] out string? problem)
    {
        path = default;
        problem = Problem(text);
        if (problem is not null)
            return false;
        path = new SecretPath(text);
        return true;
    }

    /// <exception cref="FormatException">The text is not a path.</exception>
    public static SecretPath Parse(string text) =>
        TryParse(text, out var path, out var problem) ? path : throw new FormatException(problem);

    public override string ToString() => Text;

    private static string? Problem(string text)
    {
        if (text.Length is 0 or > MaxLength)
            return $"a path has 1 to {MaxLength} characters, got {text.Length}";
        if (!text.Contains('/'))
            return "a path is a mount and a name, such as kv/shop/orders; got no '/'";
        foreach (var place in text.AsSpan().Split('/'))
        {
            var segment = text.AsSpan(place);
            if (segment.Length == 0)
                return "a path has no empty segments: no '/' at its start or end, no '//'";
            if (segment is "." or "..")
                return "a path has no '.' or '..' segments";
            if (segment.ContainsAnyExcept(Allowed))
                return "a path's segments hold only letters, digits, '.', '_' and '-'";
        }

        return null;
    }
}
