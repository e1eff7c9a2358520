namespace SidecarAgent.Benchmarks;

/// <summary>The programs as they are shipped: what <c>make build</c> published to <c>out/</c>.</summary>
internal static class Programs
{
    public static string Agent { get; } = Find("agent/sidecar-agent");

    public static string Broker { get; } = Find("broker/sidecar-broker");

    private static string Find(string program)
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            var file = Path.Combine(directory.FullName, "out", program);
            if (File.Exists(file))
                return file;
        }

        throw new FileNotFoundException($"out/{program} is missing: run `make build` first.");
    }
}
