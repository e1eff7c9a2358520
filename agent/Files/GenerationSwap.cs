namespace SidecarAgent.Agent.Files;

/// <summary>
/// The steps from one generation to the next, each a single effect, in an order in which a crash after any of them is
/// harmless: up to the rename the application sees the old set, and the rest is litter that the next start removes; from
/// the rename on it sees the new one.
/// <list type="number">
/// <item>Make the generation's directory, open to nobody but the agent, and the directories in it.</item>
/// <item>Write each file: create it without permissions, give it its group, then its mode, then its bytes.</item>
/// <item>Write the manifest beside them.</item>
/// <item>Let the application into the directory.</item>
/// <item>Make visible links for new names. They lead nowhere until the swap, as if they were not there.</item>
/// <item>Make the link <c>..data_tmp</c> to the new generation.</item>
/// <item>Rename it onto <c>..data</c>: the one moment in which everything changes.</item>
/// <item>Remove visible links to names that are gone.</item>
/// <item>Wake programs that watch a file of the old generation, see <see cref="WatchedFiles"/>.</item>
/// </list>
/// </summary>
/// <param name="mount">Repaired, and free of foreign content under the names needed.</param>
/// <param name="plan">What to write.</param>
internal sealed class GenerationSwap(MountDirectory mount, GenerationPlan plan)
{
    private readonly VisibleLinks _links = new(mount);
    private readonly GenerationShelf _shelf = new(mount);

    /// <summary>Whether the application sees the new set.</summary>
    public bool IsDone { get; private set; }

    /// <summary>To be run once each, in order.</summary>
    public IEnumerable<SwapStep> Steps() =>
    [
        new("1 make the directory", () => mount.Root.CreateDirectory(plan.Next.DirectoryName).Dispose()),
        .. plan.Directories.Select(names =>
            new SwapStep($"1 make the directory {string.Join('/', names)}", () => CreateDirectory(names))),
        .. plan.Files.Select(file => new SwapStep($"2 write {file.Path}", () => Write(file))),
        new("3 write the manifest", WriteManifest),
        new("4 let the application in", LetIn),
        new("5 make visible links", () => _links.Create(plan.TopNames)),
        new("6 make the next link", () => mount.Root.CreateLink(ReservedNames.Next, plan.Next.DirectoryName)),
        new("7 rename it onto the current link", Swap),
        new("8 remove links to names that are gone", () => _links.RemoveAllBut(plan.TopNames)),
        new("9 wake watchers of the old files", WakeWatchers),
    ];

    private void CreateDirectory(string[] names)
    {
        using var parent = OpenParent(names);
        using var directory = parent.CreateDirectory(names[^1]);
        directory.Permit(plan.Group, plan.ModeOf(names));
    }

    private void Write(ProjectedFile file)
    {
        using var parent = OpenParent(file.Path.Names);
        parent.WriteFile(file.Path.Names[^1], plan.Group, file.Mode, file.Content.Span, sync: !mount.IsMemory);
    }

    private void WriteManifest()
    {
        using var directory = _shelf.Open(plan.Next);
        ManifestFile.Write(directory, plan.Group, plan.Manifest.Span, sync: !mount.IsMemory);
    }

    private void LetIn()
    {
        using var directory = _shelf.Open(plan.Next);
        directory.Permit(plan.Group, plan.ModeOf([]));
        if (mount.IsMemory)
            return;
        directory.Sync();
        foreach (var names in plan.Directories)
        {
            using var parent = OpenParent(names);
            using var below = parent.OpenDirectory(names[^1]);
            below.Sync();
        }
    }

    private void Swap()
    {
        mount.Root.Rename(ReservedNames.Next, ReservedNames.Current);
        IsDone = true;
        if (!mount.IsMemory)
            mount.Root.Sync();
    }

    private void WakeWatchers()
    {
        if (plan.Previous is null)
            return;
        using var directory = _shelf.Open(plan.Previous);
        WatchedFiles.Wake(directory);
    }

    private DirectoryHandle OpenParent(IReadOnlyList<string> names)
    {
        var directory = _shelf.Open(plan.Next);
        foreach (var name in names.Take(names.Count - 1))
        {
            var above = directory;
            directory = above.OpenDirectory(name);
            above.Dispose();
        }

        return directory;
    }
}
