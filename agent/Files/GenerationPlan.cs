namespace SidecarAgent.Agent.Files;

/// <summary>All that is to be written, settled before the first effect.</summary>
/// <param name="Previous">What the application sees now; null: nothing.</param>
/// <param name="Next">What it is to see; not in the mount yet.</param>
/// <param name="Files">Without conflicts.</param>
/// <param name="Manifest">For the agent alone.</param>
/// <param name="Group">Of all files and directories.</param>
internal sealed record GenerationPlan(
    Generation? Previous, Generation Next, IReadOnlyList<ProjectedFile> Files, ReadOnlyMemory<byte> Manifest, uint Group)
{
    private const UnixFileMode ForGroup = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute;

    private const UnixFileMode OthersAny = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>The names in the mount itself.</summary>
    public IReadOnlySet<string> TopNames { get; } = Files.Select(file => file.Path.Top).ToHashSet(StringComparer.Ordinal);

    /// <summary>Paths of the directories below the generation's own, parents before their children.</summary>
    public IReadOnlyList<string[]> Directories { get; } = [..
        Files.SelectMany(file => Enumerable.Range(1, file.Path.Names.Count - 1).Select(count => file.Path.Names.Take(count)))
            .DistinctBy(names => string.Join('/', names), StringComparer.Ordinal)
            .Select(names => names.ToArray())
            .OrderBy(names => names.Length)];

    /// <summary>0750; 0755 where a file below lets others in.</summary>
    /// <param name="directory">Names below the generation's own directory; empty: that one.</param>
    public UnixFileMode ModeOf(ReadOnlySpan<string> directory)
    {
        foreach (var file in Files)
        {
            if ((file.Mode & OthersAny) != 0 && IsBelow(file.Path.Names, directory))
                return ForGroup | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
        }

        return ForGroup;
    }

    private static bool IsBelow(IReadOnlyList<string> path, ReadOnlySpan<string> directory)
    {
        for (var i = 0; i < directory.Length; i++)
        {
            if (i + 1 >= path.Count || path[i] != directory[i])
                return false;
        }

        return true;
    }
}
