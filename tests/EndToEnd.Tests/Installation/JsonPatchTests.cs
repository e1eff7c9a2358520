using System.Text.Json.Nodes;
using SidecarAgent.Quickstart.Installation;

namespace SidecarAgent.EndToEnd.Tests.Installation;

public class JsonPatchTests
{
    [Theory]
    // From RFC 6902, appendix A.
    [InlineData("""{"foo":"bar"}""", """[{"op":"add","path":"/baz","value":"qux"}]""", """{"foo":"bar","baz":"qux"}""")]
    [InlineData("""{"foo":["bar","baz"]}""", """[{"op":"add","path":"/foo/1","value":"qux"}]""", """{"foo":["bar","qux","baz"]}""")]
    [InlineData("""{"foo":["bar"]}""", """[{"op":"add","path":"/foo/-","value":["abc"]}]""", """{"foo":["bar",["abc"]]}""")]
    [InlineData("""{"baz":"qux","foo":"bar"}""", """[{"op":"remove","path":"/baz"}]""", """{"foo":"bar"}""")]
    [InlineData("""{"foo":["bar","qux","baz"]}""", """[{"op":"remove","path":"/foo/1"}]""", """{"foo":["bar","baz"]}""")]
    [InlineData("""{"baz":"qux"}""", """[{"op":"replace","path":"/baz","value":"boo"}]""", """{"baz":"boo"}""")]
    [InlineData("""{"baz":"qux"}""", """[{"op":"test","path":"/baz","value":"qux"}]""", """{"baz":"qux"}""")]
    [InlineData("""{"/":9,"~1":10}""", """[{"op":"test","path":"/~01","value":10},{"op":"remove","path":"/~1"}]""", """{"~1":10}""")]
    public void Operations_do_what_the_RFC_says(string document, string patch, string expected) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), Apply(document, patch)));

    [Theory]
    [InlineData("""[{"op":"remove","path":"/absent"}]""")]
    [InlineData("""[{"op":"replace","path":"/absent","value":1}]""")]
    [InlineData("""[{"op":"add","path":"/absent/child","value":1}]""")]
    [InlineData("""[{"op":"add","path":"/list/7","value":1}]""")]
    [InlineData("""[{"op":"test","path":"/list/0","value":2}]""")]
    [InlineData("""[{"op":"move","path":"/list/0","from":"/list/0"}]""")]
    public void What_does_not_fit_is_an_error(string patch) =>
        Assert.Throws<InstallationException>(() => Apply("""{"list":[1]}""", patch));

    private static JsonObject Apply(string document, string patch) =>
        JsonPatch.Apply(JsonNode.Parse(document)!.AsObject(), JsonNode.Parse(patch)!.AsArray());
}
