using System.Diagnostics;
using SidecarAgent.Agent.Files;

namespace SidecarAgent.Agent.Tests.Files;

/// <summary>
/// A tmpfs of limited size, mounted by a child in a user and mount namespace of its own, so that it needs no rights, and
/// reached through that child's root. It goes when the child does.
/// </summary>
internal sealed class SmallVolume : IDisposable
{
    private readonly TemporaryMount _place = new();
    private readonly Process _holder;

    /// <param name="options">Of the mount, such as <c>size=64k</c>.</param>
    public SmallVolume(string options)
    {
        var script = $"mount -t tmpfs -o mode=1777,{options} tmpfs {_place.Path} && echo mounted && exec cat";
        _holder = Process.Start(new ProcessStartInfo("unshare", ["--map-root-user", "--mount", "sh", "-c", script])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        if (_holder.StandardOutput.ReadLine() != "mounted")
        {
            throw new InvalidOperationException(
                "This test mounts a small tmpfs and needs unshare(1), mount(8) and user namespaces, which a container "
                + $"must be allowed to use (CAP_SYS_ADMIN or unprivileged user namespaces): {_holder.StandardError.ReadToEnd()}");
        }

        Path = $"/proc/{_holder.Id}/root{_place.Path}";
        Directory = MountDirectory.Open(Path, allowDisk: false);
    }

    public string Path { get; }

    public MountDirectory Directory { get; }

    public void Dispose()
    {
        Directory.Dispose();
        _holder.StandardInput.Close();
        _holder.WaitForExit();
        _holder.Dispose();
        _place.Dispose();
    }
}
