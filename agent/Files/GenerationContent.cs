using System.Security.Cryptography;

namespace SidecarAgent.Agent.Files;

/// <summary>What a written generation holds.</summary>
internal static class GenerationContent
{
    private const int ChunkSize = 4096;

    /// <summary>Whether the generation has exactly these files: names, bytes, modes, group.</summary>
    public static bool Matches(DirectoryHandle directory, IReadOnlyList<ProjectedFile> files, uint group)
    {
        var expected = files.ToDictionary(file => file.Path.Text, StringComparer.Ordinal);
        return MatchesBelow(directory, "", expected, group) && expected.Count == 0;
    }

    /// <summary>The names that the application should find in the mount.</summary>
    public static IReadOnlySet<string> TopNames(DirectoryHandle directory) => directory.Names()
        .Where(name => !name.StartsWith("..", StringComparison.Ordinal))
        .ToHashSet(StringComparer.Ordinal);

    public static bool Contains(DirectoryHandle directory, ReadOnlySpan<string> names)
    {
        var kind = directory.Find(names[0])?.Kind;
        if (names.Length == 1)
            return kind is DirectoryEntryKind.File;
        if (kind is not DirectoryEntryKind.Directory)
            return false;
        using var below = directory.OpenDirectory(names[0]);
        return Contains(below, names[1..]);
    }

    /// <summary>Takes every file that it finds, and finds right, out of <paramref name="expected"/>.</summary>
    private static bool MatchesBelow(
        DirectoryHandle directory, string prefix, Dictionary<string, ProjectedFile> expected, uint group)
    {
        foreach (var name in directory.Names())
        {
            if (name is ReservedNames.Manifest or ReservedNames.Replacement)
                continue;
            var entry = directory.Find(name);
            if (entry is { Kind: DirectoryEntryKind.Directory })
            {
                using var below = directory.OpenDirectory(name);
                if (!MatchesBelow(below, $"{prefix}{name}/", expected, group))
                    return false;
            }
            else if (entry is not { Kind: DirectoryEntryKind.File } found
                || !expected.Remove(prefix + name, out var file)
                || found.Mode != file.Mode || found.Group != group || found.Size != file.Content.Length
                || !HasBytes(directory, name, file.Content.Span))
            {
                return false;
            }
        }

        return true;
    }

    private static bool HasBytes(DirectoryHandle directory, string name, ReadOnlySpan<byte> expected)
    {
        using var file = directory.OpenFile(name);
        Span<byte> chunk = stackalloc byte[ChunkSize];
        try
        {
            for (var offset = 0; offset < expected.Length;)
            {
                var read = RandomAccess.Read(file, chunk[..Math.Min(ChunkSize, expected.Length - offset)], offset);
                if (read == 0 || !expected.Slice(offset, read).SequenceEqual(chunk[..read]))
                    return false;
                offset += read;
            }

            return true;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(chunk);
        }
    }
}
