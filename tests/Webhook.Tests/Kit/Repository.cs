namespace SidecarAgent.Webhook.Tests.Kit;

/// <summary>Files that lie beside the tests.</summary>
internal static class Repository
{
    private static readonly string Tests = Path.Combine(Root(), "tests", "Webhook.Tests");

    /// <summary>Set UPDATE_GOLDEN=1 to write golden files instead of comparing with them; then read the difference.</summary>
    public static bool IsUpdatingGolden => Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1";

    public static string PathTo(params string[] names) => Path.Combine([Tests, .. names]);

    public static string Read(params string[] names) => File.ReadAllText(PathTo(names));

    public static IEnumerable<string> Names(string folder, string suffix) =>
        Directory.GetFiles(PathTo(folder.Split('/')), "*" + suffix).Select(path => Path.GetFileName(path)[..^suffix.Length])
            .Order(StringComparer.Ordinal);

    private static string Root()
    {
        var at = AppContext.BaseDirectory;
        while (at is not null && !File.Exists(Path.Combine(at, "SidecarAgent.sln")))
            at = Path.GetDirectoryName(at);
        return at ?? throw new InvalidOperationException("The tests do not run below the repository.");
    }
}
