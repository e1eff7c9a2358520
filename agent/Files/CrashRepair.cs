namespace SidecarAgent.Agent.Files;

/// <summary>
/// Brings a mount back into order: after a crash, after a failed write, and after somebody removed a link. Safe to run at
/// any time, because it never touches what the current generation needs.
/// </summary>
internal static class CrashRepair
{
    /// <returns>The generation that the application sees; null: none.</returns>
    /// <exception cref="MountException">Foreign content is in the way.</exception>
    public static Generation? Run(MountDirectory mount)
    {
        var shelf = new GenerationShelf(mount);
        var links = new VisibleLinks(mount);
        var current = shelf.Current();
        links.RemoveNext();
        foreach (var generation in shelf.After(current))
            shelf.Remove(generation, overwrite: false);

        var names = current is null ? new HashSet<string>() : TopNames(shelf, current);
        links.RemoveAllBut(names);
        links.RefuseForeign(names);
        links.Create(names);
        return current;
    }

    private static IReadOnlySet<string> TopNames(GenerationShelf shelf, Generation current)
    {
        using var directory = shelf.Open(current);
        return GenerationContent.TopNames(directory);
    }
}
