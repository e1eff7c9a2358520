namespace SidecarAgent.Conventions.Tests;

/// <summary>The hand-written files of the repository that this assembly was built from.</summary>
internal static class SourceTree
{
    private static readonly string[] NotOurs = ["bin", "obj", "out", ".git", "TestResults", "node_modules"];
    private static readonly string[] WithCode = [".cs", ".proto", ".sh", ".csproj", ".props", ".targets", ".yaml", ".yml"];
    private static readonly string[] WithoutExtension = ["Makefile", "run"];

    public static string Root { get; } = FindRoot();

    /// <summary>Every file that people wrote for a machine to run, with a path relative to <see cref="Root"/>.</summary>
    public static IReadOnlyList<SourceFile> Files { get; } = [..
        Below(Root).Where(IsCode).Select(path => new SourceFile(Path.GetRelativePath(Root, path)))
            .Where(file => !file.Path.StartsWith("tests/generated/", StringComparison.Ordinal))
            .OrderBy(file => file.Path, StringComparer.Ordinal)];

    public static IEnumerable<SourceFile> CSharp => Files.Where(file => file.HasExtension(".cs"));

    /// <summary>What is shipped: all C# that is not below tests.</summary>
    public static IEnumerable<SourceFile> Product => CSharp.Where(file => !file.Path.StartsWith("tests/", StringComparison.Ordinal));

    public static IEnumerable<SourceFile> Projects => Files.Where(file => file.HasExtension(".csproj"));

    private static string FindRoot()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "SidecarAgent.sln")))
                return directory.FullName;
        }

        throw new InvalidOperationException($"no SidecarAgent.sln above {AppContext.BaseDirectory}");
    }

    private static IEnumerable<string> Below(string directory) =>
        Directory.EnumerateFiles(directory).Concat(
            Directory.EnumerateDirectories(directory)
                .Where(below => !NotOurs.Contains(Path.GetFileName(below)) && !File.GetAttributes(below).HasFlag(FileAttributes.ReparsePoint))
                .SelectMany(Below));

    private static bool IsCode(string path) =>
        WithCode.Contains(Path.GetExtension(path)) || WithoutExtension.Contains(Path.GetFileName(path))
            || Path.GetFileName(path).StartsWith("Dockerfile", StringComparison.Ordinal);
}
