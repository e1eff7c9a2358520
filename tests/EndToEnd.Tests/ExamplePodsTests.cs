using SidecarAgent.Quickstart.Installation;
using SidecarAgent.Testing;

namespace SidecarAgent.EndToEnd.Tests;

public sealed class ExamplePodsTests : IDisposable
{
    private static readonly Programs Programs = Programs.Locate();

    private readonly TempDirectory _logs = TempDirectory.Create();

    public void Dispose() => _logs.Dispose();

    public static TheoryData<string> Manifests() => [.. Directory
        .EnumerateFiles(Path.Combine(Programs.Repository, "examples/pods"), "*.yaml")
        .Append(Path.Combine(Programs.Repository, "examples/quickstart/pod.yaml"))
        .Select(file => Path.GetRelativePath(Programs.Repository, file))];

    [Theory]
    [MemberData(nameof(Manifests))]
    public async Task Every_example_is_injected_without_a_complaint(string manifest)
    {
        var sidecarctl = new Command(Programs.Sidecarctl, Programs.Environment, _logs.FullName, TimeProvider.System);

        var injected = await sidecarctl.RunAsync(
            CancellationToken.None, "inject", "-f", Path.Combine(Programs.Repository, manifest));

        Assert.Contains("sidecar-agent.io/status: injected", injected, StringComparison.Ordinal);
        Assert.Contains("image: ", injected, StringComparison.Ordinal);
        // Without a webhook's configuration it always says that these pods trust no broker yet.
        Assert.DoesNotContain(
            injected.Split('\n'),
            line => line.StartsWith("warning: ", StringComparison.Ordinal) && !line.Contains("--config", StringComparison.Ordinal));
    }
}
