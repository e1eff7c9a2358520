using SidecarAgent.Quickstart.Installation;

namespace SidecarAgent.Benchmarks;

/// <summary>The agent's program file, as it goes into the image, with OpenSSL in it.</summary>
internal static class BinarySize
{
    private const double TargetMegabytes = 16;

    public static Task<IReadOnlyList<Figure>> MeasureAsync(CancellationToken cancellationToken)
    {
        var megabytes = new FileInfo(Programs.Locate().Agent).Length / 1e6;
        return Task.FromResult<IReadOnlyList<Figure>>(
            [new Figure("agent: program on disk", megabytes, TargetMegabytes, "MB", "out/agent/sidecar-agent")]);
    }
}
