namespace SidecarAgent.Agent.Files;

/// <summary>Takes a generation away, file by file.</summary>
internal static class GenerationRemoval
{
    private const int ChunkSize = 4096;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <param name="directory">Of the generation.</param>
    /// <param name="overwrite">
    /// True: zeros over every content first, which programs that still have a file open see too. False: they can read on,
    /// and the kernel clears the memory before it gives it to anybody else.
    /// </param>
    public static void Empty(DirectoryHandle directory, bool overwrite)
    {
        foreach (var name in directory.Names())
        {
            if (directory.Find(name) is not { } entry)
                continue;
            if (entry.Kind == DirectoryEntryKind.Directory)
            {
                using (var below = directory.OpenDirectory(name))
                    Empty(below, overwrite);
                directory.RemoveDirectory(name);
                continue;
            }

            if (overwrite && entry is { Kind: DirectoryEntryKind.File, Size: > 0 })
                Overwrite(directory, name, entry.Size);
            directory.Remove(name);
        }
    }

    /// <summary>Takes one file out of a generation, with zeros over its content.</summary>
    /// <param name="directory">Of the generation.</param>
    /// <param name="names">Its directories below, and the file last.</param>
    public static void Withdraw(DirectoryHandle directory, ReadOnlySpan<string> names)
    {
        if (directory.Find(names[0]) is not { } entry)
            return;
        if (names.Length > 1)
        {
            using var below = directory.OpenDirectory(names[0]);
            Withdraw(below, names[1..]);
            return;
        }

        if (entry is { Kind: DirectoryEntryKind.File, Size: > 0 })
            Overwrite(directory, names[0], entry.Size);
        directory.Remove(names[0]);
    }

    private static void Overwrite(DirectoryHandle directory, string name, long size)
    {
        using (var file = directory.OpenFile(name))
            directory.SetMode(file, name, OwnerOnly);
        using var writable = directory.OpenFileForWriting(name);
        Span<byte> zeros = stackalloc byte[ChunkSize];
        zeros.Clear();
        for (var offset = 0L; offset < size; offset += ChunkSize)
            directory.Write(writable, name, zeros[..(int)Math.Min(ChunkSize, size - offset)], offset);
    }
}
