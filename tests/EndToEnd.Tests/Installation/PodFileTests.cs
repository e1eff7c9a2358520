using SidecarAgent.Quickstart.Installation;
using SidecarAgent.Testing;

namespace SidecarAgent.EndToEnd.Tests.Installation;

public sealed class PodFileTests : IDisposable
{
    private readonly TempDirectory _directory = TempDirectory.Create();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void The_examples_pod_asks_with_three_annotations()
    {
        var pod = PodFile.Read(Path.Combine(Programs.Locate().Repository, "examples/quickstart/pod.yaml"));

        Assert.Equal(3, pod["metadata"]!["annotations"]!.AsObject().Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[ a, b ]")]
    [InlineData("{ a: ")]
    public void What_is_no_manifest_is_an_error_that_names_the_file(string text)
    {
        var file = _directory.Write("pod.yaml", text);

        Assert.Contains(file, Assert.Throws<InstallationException>(() => PodFile.Read(file)).Message, StringComparison.Ordinal);
    }
}
