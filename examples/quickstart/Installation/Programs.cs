using System.Runtime.InteropServices;

namespace SidecarAgent.Quickstart.Installation;

/// <summary>The published programs of this repository, and what their processes find in their environment.</summary>
internal sealed class Programs
{
    private readonly string _output;

    private Programs(string repository)
    {
        Repository = repository;
        _output = Path.Combine(repository, "out");
    }

    public string Repository { get; }

    public string Agent => Find("agent", "sidecar-agent");

    public string Broker => Find("broker", "sidecar-broker");

    public string Webhook => Find("webhook", "sidecar-webhook");

    public string Sidecarctl => Find("ctl", "sidecarctl");

    public string Orders => Find("orders", "orders");

    /// <summary>Where programs are, and the .NET runtime for those that are not compiled to native code. Nothing else.</summary>
    public static IReadOnlyDictionary<string, string> Environment { get; } = new Dictionary<string, string>
    {
        ["PATH"] = "/usr/local/bin:/usr/bin:/bin",
        ["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../..")),
    };

    /// <summary>Of the repository that the running program was built in.</summary>
    /// <exception cref="InstallationException"/>
    public static Programs Locate()
    {
        var directory = AppContext.BaseDirectory;
        while (directory is not null && !File.Exists(Path.Combine(directory, "SidecarAgent.sln")))
            directory = Path.GetDirectoryName(directory);
        return new Programs(directory ?? throw new InstallationException(
            $"{AppContext.BaseDirectory} is not inside the repository; run 'make demo' there"));
    }

    private string Find(string folder, string name)
    {
        var path = Path.Combine(_output, folder, name);
        return File.Exists(path) ? path : throw new InstallationException($"{path} is missing; 'make build' makes it");
    }
}
