using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace SidecarAgent.Agent.Files;

/// <summary>
/// Path of a file below the mount, such as <c>tls/server.crt</c>: relative, in its shortest form, and unable to leave the
/// mount. Names that begin with <c>..</c> are refused, because the agent keeps its own things under such names.
/// </summary>
internal sealed record FilePath
{
    public const int MaxBytes = 4096;
    public const int MaxNameBytes = 255;

    private FilePath(string text, IReadOnlyList<string> names)
    {
        Text = text;
        Names = names;
    }

    public string Text { get; }

    /// <summary>The names between the slashes: directories, and the file last.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The name that appears in the mount itself: of the file, or of the topmost directory.</summary>
    public string Top => Names[0];

    /// <param name="text">As the configuration says it.</param>
    /// <param name="path">The path, when the answer is true.</param>
    /// <param name="problem">Why not, when the answer is false; continues a sentence that begins with the name.</param>
    public static bool TryParse(
        string? text, [NotNullWhen(true)] out FilePath? path, [NotNullWhen(false)] out string? problem)
    {
        problem = Problem(text);
        path = problem is null ? new FilePath(text!, text!.Split('/')) : null;
        return problem is null;
    }

    public bool Equals(FilePath? other) => other is not null && string.Equals(Text, other.Text, StringComparison.Ordinal);

    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => Text;

    private static string? Problem(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return "is empty";
        if (Encoding.UTF8.GetByteCount(text) > MaxBytes)
            return $"is longer than {MaxBytes} bytes";
        if (text.EnumerateRunes().Any(IsUnprintable))
            return "holds a control character or is not Unicode text";
        if (text[0] == '/')
            return "is absolute: give a path below the mount, such as tls/server.crt";
        if (text.Contains('\\', StringComparison.Ordinal))
            return "holds a backslash: directories are separated by /";
        return text.Split('/').Select(NameProblem).FirstOrDefault(problem => problem is not null);
    }

    private static string? NameProblem(string name)
    {
        if (name.Length == 0)
            return "has an empty name between, before or after slashes";
        if (name is "." or "..")
            return $"holds '{name}', which would lead elsewhere";
        if (name.StartsWith("..", StringComparison.Ordinal))
            return "has a name that begins with '..': such names are the agent's own";
        if (Encoding.UTF8.GetByteCount(name) > MaxNameBytes)
            return $"has a name longer than {MaxNameBytes} bytes";
        return null;
    }

    /// <summary>Lone surrogates arrive here as the replacement character, which no name needs either.</summary>
    private static bool IsUnprintable(Rune rune) =>
        rune == Rune.ReplacementChar
        || Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control
            or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
