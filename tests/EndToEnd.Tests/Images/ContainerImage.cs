using System.Collections;
using Mono.Unix.Native;
using SidecarAgent.Quickstart.Installation;
using SidecarAgent.Testing;

namespace SidecarAgent.EndToEnd.Tests.Images;

/// <summary>A program's image as <c>make images</c> builds it, under a name of its own, and podman to run it.</summary>
/// <param name="program">The name of its image, without <c>sidecar-</c>.</param>
public abstract class ContainerImage(string program) : IAsyncLifetime, IDisposable
{
    /// <summary>As which user and group the program runs in its container.</summary>
    internal const int User = 65532;

    private const string Install = "install it: sudo apt-get install --no-install-recommends podman runc uidmap";

    /// <summary>As pods confine it, and then some.</summary>
    private static readonly string[] Confinement =
    [
        "--read-only", "--cap-drop=all", "--security-opt=no-new-privileges",
        // Podman would raise the limits, which a container inside a container may not.
        "--ulimit=nofile=1024:1024", "--ulimit=nproc=1024:1024",
        "--network=host", "--pull=never", "--timeout=60",
        .. IsRoot ? Array.Empty<string>() : [$"--userns=keep-id:uid={User},gid={User}"],
    ];

    /// <summary>
    /// Whom the agent's files belong to on this machine. Where podman runs without root, the agent's user is the one who
    /// runs it, who could not read them otherwise.
    /// </summary>
    internal static int FileOwner { get; } = IsRoot ? User : (int)Syscall.geteuid();

    private readonly TempDirectory _logs = TempDirectory.Create();
    private readonly string _tag = $"test-{Guid.NewGuid():N}";
    private Command? _podman;

    private static bool IsRoot => Syscall.geteuid() == 0;

    private string Name => $"sidecar-{program}:{_tag}";

    public async Task InitializeAsync()
    {
        var environment = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .ToDictionary(variable => (string)variable.Key, variable => (string)variable.Value!);
        var engine = (environment.GetValueOrDefault("PATH") ?? "").Split(':')
            .Select(directory => Path.Combine(directory, "podman"))
            .FirstOrDefault(File.Exists);
        Assert.True(engine is not null, $"podman, which runs the images, is missing; {Install}");
        _podman = new Command(engine, environment, _logs.FullName, TimeProvider.System);
        var works = await _podman.TryRunAsync(CancellationToken.None, "info");
        Assert.True(works.ExitCode == 0, $"podman does not work on this machine:\n{works.Output}");

        var script = Path.Combine(Programs.Locate().Repository, "eng", "images.sh");
        var build = new Command(script, environment, _logs.FullName, TimeProvider.System);
        await build.RunAsync(CancellationToken.None, "--tag", _tag, program);
    }

    public async Task DisposeAsync()
    {
        if (_podman is not null)
            await _podman.TryRunAsync(CancellationToken.None, "rmi", "--force", Name);
    }

    /// <summary>Runs the program in a container of its own until it ends.</summary>
    /// <param name="volumes">As podman writes them.</param>
    internal Task<CommandResult> RunAsync(IEnumerable<string> volumes, params string[] arguments) =>
        _podman!.TryRunAsync(
            CancellationToken.None,
            ["run", "--rm", .. Confinement, .. volumes.Select(volume => $"--volume={volume}"), Name, .. arguments]);

    /// <summary>What the image says about itself.</summary>
    /// <param name="format">A Go template.</param>
    internal async Task<string> InspectAsync(string format) =>
        (await _podman!.RunAsync(CancellationToken.None, "image", "inspect", "--format", format, Name)).Trim();

    public void Dispose()
    {
        _logs.Dispose();
        GC.SuppressFinalize(this);
    }
}

/// <summary>The agent's.</summary>
public sealed class AgentImage() : ContainerImage("agent");

/// <summary>The webhook's.</summary>
public sealed class WebhookImage() : ContainerImage("webhook");
