namespace SidecarAgent.Agent.Files;

/// <summary>
/// The names that the application opens: links in the mount to the same name below <c>..data</c>. They never change when
/// the content does.
/// </summary>
internal sealed class VisibleLinks(MountDirectory mount)
{
    /// <exception cref="MountException">Something that is not ours has one of these names; all of them are named.</exception>
    public void RefuseForeign(IEnumerable<string> names)
    {
        var inTheWay = names.Append(ReservedNames.Next).Where(IsForeign).Select(name => $"'{name}'").ToList();
        if (inTheWay.Count > 0)
        {
            throw new MountException(
                $"{mount.Path} already holds {string.Join(", ", inTheWay)}, not made by this agent: "
                + "choose other file names, or give the agent an empty volume of its own");
        }
    }

    public void Create(IEnumerable<string> names)
    {
        foreach (var name in names.Where(name => mount.Root.Find(name) is null))
            mount.Root.CreateLink(name, TargetOf(name));
    }

    /// <summary>Removes the links that lead nowhere, because the application should not see these names any more.</summary>
    public void RemoveAllBut(IReadOnlySet<string> names)
    {
        foreach (var name in mount.Root.Names().Where(name => !names.Contains(name) && IsOurs(name)))
            mount.Root.Remove(name);
    }

    public bool IsOurs(string name) => HoldsOurLink(name) && mount.Root.ReadLink(name) == TargetOf(name);

    /// <summary>A half-done swap, if there is one. A link that only we can have put there.</summary>
    public void RemoveNext()
    {
        if (HoldsOurLink(ReservedNames.Next))
            mount.Root.Remove(ReservedNames.Next);
    }

    private static string TargetOf(string name) => $"{ReservedNames.Current}/{name}";

    private bool IsForeign(string name) =>
        mount.Root.Find(name) is not null && (name == ReservedNames.Next ? !HoldsOurLink(name) : !IsOurs(name));

    private bool HoldsOurLink(string name) => mount.Root.Find(name) is { Kind: DirectoryEntryKind.Link, IsMine: true };
}
