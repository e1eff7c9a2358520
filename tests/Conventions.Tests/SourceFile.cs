namespace SidecarAgent.Conventions.Tests;

/// <param name="Path">Relative to the root, with slashes.</param>
internal sealed record SourceFile(string Path)
{
    private readonly Lazy<string[]> _lines = new(() => File.ReadAllLines(System.IO.Path.Combine(SourceTree.Root, Path)));

    public IReadOnlyList<string> Lines => _lines.Value;

    public string Text => string.Join('\n', Lines);

    public bool HasExtension(string extension) => Path.EndsWith(extension, StringComparison.Ordinal);

    /// <summary><c>path:line: text</c> of each line that is wrong.</summary>
    public IEnumerable<string> LinesWhere(Func<string, bool> isWrong) => Lines
        .Select((line, index) => (line, index))
        .Where(at => isWrong(at.line))
        .Select(at => $"{Path}:{at.index + 1}: {at.line.Trim()}");

    public override string ToString() => Path;
}
