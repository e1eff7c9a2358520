using System.Globalization;

namespace SidecarAgent.Broker.Audit;

/// <summary>
/// The files of one log: the one that is written, and beside it those that were full, each named after its last entry.
/// <c>audit.jsonl</c> leaves <c>audit.000000004711.jsonl</c>; sorted by name they are in the order of the chain.
/// </summary>
internal static class AuditSegments
{
    private const int Digits = 12;

    /// <summary>What the log's file is called once it is full.</summary>
    public static string Name(string file, long lastSequence)
    {
        var number = lastSequence.ToString($"D{Digits}", CultureInfo.InvariantCulture);
        return Path.Combine(
            Path.GetDirectoryName(file)!, $"{Path.GetFileNameWithoutExtension(file)}.{number}{Path.GetExtension(file)}");
    }

    /// <returns>The full files of a log, oldest first; the file that is written is not among them.</returns>
    public static IReadOnlyList<string> Full(string file)
    {
        var (stem, extension) = (Path.GetFileNameWithoutExtension(file), Path.GetExtension(file));
        return
        [
            .. Directory.EnumerateFiles(Path.GetDirectoryName(file)!)
                .Where(other => IsFull(Path.GetFileName(other), stem, extension))
                .Order(StringComparer.Ordinal),
        ];
    }

    private static bool IsFull(string name, string stem, string extension) =>
        name.Length == stem.Length + 1 + Digits + extension.Length
        && name.StartsWith(stem, StringComparison.Ordinal)
        && name[stem.Length] == '.'
        && name.AsSpan(stem.Length + 1, Digits).IndexOfAnyExceptInRange('0', '9') < 0
        && name.EndsWith(extension, StringComparison.Ordinal);
}
