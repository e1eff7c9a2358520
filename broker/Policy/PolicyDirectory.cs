using SidecarAgent.Yaml;

namespace SidecarAgent.Broker.Policy;

/// <summary>Reads the policy files of a directory; also one that Kubernetes projects from a ConfigMap.</summary>
internal static class PolicyDirectory
{
    public const int MaxFiles = 1000;

    private const int MaxBytes = 1024 * 1024;

    // Kubernetes' own directories and links (..data, ..2026_01_31), and editors' and tools' leftovers, begin with a dot.
    private static readonly EnumerationOptions Plain = new() { AttributesToSkip = 0, IgnoreInaccessible = false };

    /// <summary>The files in the order of their names. A ConfigMap's files are links, each read once.</summary>
    /// <exception cref="InvalidYamlException">There are too many files, or one is too large.</exception>
    /// <exception cref="IOException">The directory or a file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The directory or a file may not be read.</exception>
    public static IReadOnlyList<PolicyFile> Read(string directory)
    {
        var paths = Directory.EnumerateFiles(directory, "*", Plain)
            .Where(path => IsPolicy(Path.GetFileName(path)))
            .Order(StringComparer.Ordinal)
            .ToList();
        if (paths.Count > MaxFiles)
            throw Invalid(directory, $"the directory holds {paths.Count} policy files; at most {MaxFiles} are allowed");
        return paths.ConvertAll(ReadOne);
    }

    private static bool IsPolicy(string name) =>
        !name.StartsWith('.')
        && (name.EndsWith(".yaml", StringComparison.Ordinal) || name.EndsWith(".yml", StringComparison.Ordinal));

    private static PolicyFile ReadOne(string path)
    {
        var name = Path.GetFileName(path);
        using var stream = File.OpenRead(path);
        if (stream.Length > MaxBytes)
            throw Invalid(name, $"the file has {stream.Length} bytes; at most {MaxBytes} are allowed");
        using var reader = new StreamReader(stream);
        return new PolicyFile(name, reader.ReadToEnd());
    }

    private static InvalidYamlException Invalid(string file, string message) =>
        new([new YamlProblem(file, 1, 1, message)]);
}
