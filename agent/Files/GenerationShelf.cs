namespace SidecarAgent.Agent.Files;

/// <summary>The generations that stand in a mount. Reads and removes; never writes.</summary>
/// <remarks>
/// A directory counts only if its name is a generation's and the agent's user made it; what else is there is left alone.
/// </remarks>
internal sealed class GenerationShelf(MountDirectory mount)
{
    /// <summary>The generation that the application sees; null: none.</summary>
    /// <exception cref="MountException"><c>..data</c> is not ours.</exception>
    public Generation? Current() => mount.Root.Find(ReservedNames.Current) is null
        ? null
        : CurrentOfOurs() ?? throw new MountException(
            $"{mount.Path}/{ReservedNames.Current} was not made by this agent: give it an empty volume of its own");

    /// <summary>The application then sees nothing. A link that is not ours stays.</summary>
    public void RemoveCurrentLink()
    {
        if (CurrentOfOurs() is not null)
            mount.Root.Remove(ReservedNames.Current);
    }

    public IReadOnlyList<Generation> All() => [.. Named().Where(IsOurs)];

    /// <summary>Written, or half written, and never shown to the application.</summary>
    public IReadOnlyList<Generation> After(Generation? current) =>
        [.. Named().Where(generation => generation.Number > (current?.Number ?? 0)).Where(IsOurs)];

    /// <summary>Superseded ones, newest first.</summary>
    public IReadOnlyList<Generation> Before(Generation? current) =>
    [
        .. Named().Where(generation => generation.Number < (current?.Number ?? 0)).Where(IsOurs)
            .OrderByDescending(generation => generation.Number),
    ];

    /// <summary>A number that no generation in the mount has, and that is greater than all of them.</summary>
    public long NextNumber() => Named().Select(generation => generation.Number).DefaultIfEmpty(0).Max() + 1;

    public DirectoryHandle Open(Generation generation) => mount.Root.OpenDirectory(generation.DirectoryName);

    /// <param name="generation">Any but the current one, unless everything goes.</param>
    /// <param name="overwrite">See <see cref="GenerationRemoval.Empty"/>.</param>
    public void Remove(Generation generation, bool overwrite)
    {
        using (var directory = Open(generation))
            GenerationRemoval.Empty(directory, overwrite);
        mount.Root.RemoveDirectory(generation.DirectoryName);
    }

    private Generation? CurrentOfOurs() =>
        mount.Root.Find(ReservedNames.Current) is { IsMine: true, Kind: DirectoryEntryKind.Link }
            && Generation.TryParse(mount.Root.ReadLink(ReservedNames.Current), out var generation)
            && IsOurs(generation) ? generation : null;

    private IEnumerable<Generation> Named()
    {
        foreach (var name in mount.Root.Names())
        {
            if (Generation.TryParse(name, out var generation))
                yield return generation;
        }
    }

    private bool IsOurs(Generation generation) =>
        mount.Root.Find(generation.DirectoryName) is { IsMine: true, Kind: DirectoryEntryKind.Directory };
}
