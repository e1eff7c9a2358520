namespace SidecarAgent.Webhook.Configuration;

/// <summary>
/// Files that are used together and read again when they change. Contents are compared, not times or events: Kubernetes
/// replaces mounted files by swapping a link above them.
/// </summary>
/// <param name="paths">The files, in the order in which <paramref name="use"/> gets their contents.</param>
/// <param name="use">Takes new contents. If it throws <see cref="InvalidDataException"/>, what was used before stays.</param>
internal sealed class FileWatch(IReadOnlyList<string> paths, Action<IReadOnlyList<byte[]>> use)
{
    private const int MaxBytes = 1024 * 1024;

    private IReadOnlyList<byte[]> _used = [];

    public IReadOnlyList<string> Paths => paths;

    /// <summary>Uses the files if they are not as they were when they were last used. Not to be called concurrently.</summary>
    /// <returns>Whether they had changed.</returns>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">A file may not be read.</exception>
    /// <exception cref="InvalidDataException">The contents cannot be used.</exception>
    public bool Poll()
    {
        IReadOnlyList<byte[]> contents = [.. paths.Select(Read)];
        if (_used.Count == contents.Count && _used.Zip(contents).All(pair => pair.First.AsSpan().SequenceEqual(pair.Second)))
            return false;
        use(contents);
        _used = contents;
        return true;
    }

    private static byte[] Read(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        if (stream.Length > MaxBytes)
            throw new InvalidDataException($"{path} has {stream.Length} bytes; at most {MaxBytes} are allowed");
        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        return content;
    }
}
