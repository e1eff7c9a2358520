namespace SidecarAgent.Agent.Files;

/// <summary>Room in a volume, needed or free.</summary>
/// <param name="Bytes">In whole blocks of the volume.</param>
/// <param name="Entries">Files, directories and links (inodes).</param>
internal readonly record struct Room(long Bytes, long Entries)
{
    public static readonly Room Unlimited = new(long.MaxValue, long.MaxValue);

    /// <summary>What a generation of these files takes: every file fills whole blocks, directories of tmpfs none.</summary>
    public static Room For(IReadOnlyList<ProjectedFile> files, int manifestLength, long blockSize)
    {
        var directories = files.SelectMany(file => Directories(file.Path)).Distinct(StringComparer.Ordinal).Count() + 1;
        var links = files.Select(file => file.Path.Top).Distinct(StringComparer.Ordinal).Count() + 1;
        var bytes = files.Sum(file => InBlocks(file.Content.Length, blockSize)) + InBlocks(manifestLength, blockSize);
        return new Room(bytes, files.Count + 1 + directories + links);
    }

    public bool FitsInto(Room free) => Bytes <= free.Bytes && Entries <= free.Entries;

    private static long InBlocks(long length, long blockSize) => (length + blockSize - 1) / blockSize * blockSize;

    private static IEnumerable<string> Directories(FilePath path) =>
        Enumerable.Range(1, path.Names.Count - 1).Select(count => string.Join('/', path.Names.Take(count)));
}
