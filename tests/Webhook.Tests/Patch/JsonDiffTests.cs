using System.Text.Json.Nodes;
using CsCheck;
using SidecarAgent.Webhook.Patch;
using SidecarAgent.Webhook.Tests.Injection;
using SidecarAgent.Webhook.Tests.Kit;

namespace SidecarAgent.Webhook.Tests.Patch;

public sealed class JsonDiffTests
{
    [Theory]
    [InlineData("""{"a":1}""", """{"a":1}""", "[]")]
    [InlineData("""{"a":1}""", """{"a":2}""", """[{"op":"replace","path":"/a","value":2}]""")]
    [InlineData("""{"a":1}""", """{}""", """[{"op":"remove","path":"/a"}]""")]
    [InlineData("""{}""", """{"a/b~c":null}""", """[{"op":"add","path":"/a~1b~0c","value":null}]""")]
    [InlineData("""[1,2]""", """[0,1,2]""", """[{"op":"add","path":"/0","value":0}]""")]
    [InlineData("""[1,2]""", """[1,2,3]""", """[{"op":"add","path":"/2","value":3}]""")]
    [InlineData("""[1,2,3,4]""", """[1,4]""", """[{"op":"remove","path":"/2"},{"op":"remove","path":"/1"}]""")]
    [InlineData("""[{"name":"a"},{"name":"b"}]""", """[{"name":"new"},{"name":"a"},{"name":"b","x":1}]""",
        """[{"op":"add","path":"/0","value":{"name":"new"}},{"op":"add","path":"/2/x","value":1}]""")]
    [InlineData("""{"a":null}""", """{"a":[]}""", """[{"op":"replace","path":"/a","value":[]}]""")]
    [InlineData("""1""", """{"a":1}""", """[{"op":"replace","path":"","value":{"a":1}}]""")]
    public void Only_what_differs_is_in_the_patch(string from, string to, string patch) =>
        Assert.Equal(patch, PatchApplier.Read(JsonDiff.Between(JsonNode.Parse(from), JsonNode.Parse(to))).ToJsonString());

    [Fact]
    public void What_is_known_to_be_the_same_is_not_looked_at() => Assert.Equal(
        """[{"op":"replace","path":"/b/a","value":2}]""",
        PatchApplier.Read(JsonDiff.Between(
            JsonNode.Parse("""{"a":{"b":1},"b":{"a":1}}"""), JsonNode.Parse("""{"a":{"b":2},"b":{"a":2}}"""), "a", "b")).ToJsonString());

    [Fact]
    public void Any_tree_can_be_made_of_any_other() => Gen.Select(Pods.AnyTree, Pods.AnyTree).Sample((before, after) =>
    {
        var (from, to) = (JsonNode.Parse(before), JsonNode.Parse(after));

        var made = PatchApplier.Apply(from, JsonDiff.Between(from, to));

        Assert.True(JsonNode.DeepEquals(to, made));
    });
}
