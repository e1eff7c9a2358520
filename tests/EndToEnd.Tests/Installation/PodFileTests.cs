using System.Text.Json.Nodes;
using SidecarAgent.Quickstart.Installation;
using SidecarAgent.Testing;

namespace SidecarAgent.EndToEnd.Tests.Installation;

public sealed class PodFileTests : IDisposable
{
    private readonly TempDirectory _directory = TempDirectory.Create();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Scalars_have_the_types_that_kubectl_gives_them()
    {
        var json = PodFile.Read(_directory.Write("pod.yaml", """
            quoted: "true"
            flag: true
            number: 8080
            text: 0440x
            nothing: null
            list: [ a, { b: 1 } ]
            """));

        Assert.True(JsonNode.DeepEquals(
            JsonNode.Parse("""
                { "quoted": "true", "flag": true, "number": 8080, "text": "0440x", "nothing": null, "list": [ "a", { "b": 1 } ] }
                """),
            json));
    }

    [Fact]
    public void The_examples_pod_asks_with_three_annotations()
    {
        var pod = PodFile.Read(Path.Combine(Programs.Locate().Repository, "examples/quickstart/pod.yaml"));

        Assert.Equal(3, pod["metadata"]!["annotations"]!.AsObject().Count);
    }
}
