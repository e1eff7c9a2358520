namespace SidecarAgent.Agent.Files;

/// <summary>What the agent remembers about a generation, in the generation's directory and readable by the agent only.</summary>
internal static class ManifestFile
{
    public const int MaxBytes = 1024 * 1024;

    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <returns>Empty where there is none.</returns>
    public static byte[] Read(DirectoryHandle directory)
    {
        if (directory.Find(ReservedNames.Manifest) is not { Kind: DirectoryEntryKind.File } entry)
            return [];
        return directory.ReadFile(ReservedNames.Manifest, Math.Min(entry.Size, MaxBytes));
    }

    /// <summary>In a generation that nobody sees yet.</summary>
    public static void Write(DirectoryHandle directory, uint group, ReadOnlySpan<byte> content, bool sync) =>
        directory.WriteFile(ReservedNames.Manifest, group, Mode, content, sync);

    /// <summary>In the current generation: a crash leaves the old one or the new one.</summary>
    public static void Replace(DirectoryHandle directory, uint group, ReadOnlySpan<byte> content, bool sync)
    {
        if (content.SequenceEqual(Read(directory)))
            return;
        directory.RemoveIfThere(ReservedNames.Replacement);
        try
        {
            directory.WriteFile(ReservedNames.Replacement, group, Mode, content, sync);
            directory.Rename(ReservedNames.Replacement, ReservedNames.Manifest);
        }
        catch (MountException)
        {
            directory.RemoveIfThere(ReservedNames.Replacement);
            throw;
        }

        if (sync)
            directory.Sync();
    }
}
