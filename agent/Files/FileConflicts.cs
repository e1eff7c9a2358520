namespace SidecarAgent.Agent.Files;

/// <summary>Which files of a set cannot stand beside each other.</summary>
internal static class FileConflicts
{
    /// <summary>One sentence for each path that is there twice, or is a file where another path needs a directory.</summary>
    /// <returns>All of them, in the order of the paths; empty: the set can be written.</returns>
    public static IReadOnlyList<string> Find(IEnumerable<FilePath> paths)
    {
        var problems = new List<string>();
        var files = new HashSet<string>(StringComparer.Ordinal);
        var twice = new HashSet<string>(StringComparer.Ordinal);
        var all = paths.ToList();
        foreach (var path in all)
        {
            if (!files.Add(path.Text) && twice.Add(path.Text))
                problems.Add($"file '{path}' is there more than once");
        }

        foreach (var path in all.Distinct())
        {
            for (var slash = path.Text.IndexOf('/', StringComparison.Ordinal); slash >= 0; slash = path.Text.IndexOf('/', slash + 1))
            {
                var directory = path.Text[..slash];
                if (files.Contains(directory))
                    problems.Add($"'{directory}' is a file, and '{path}' needs it to be a directory");
            }
        }

        return problems;
    }
}
