using System.Text.Json.Nodes;

namespace SidecarAgent.Yaml.Tests;

public sealed class YamlJsonTests
{
    [Theory]
    [InlineData("a: yes", """{"a":true}""")]
    [InlineData("a: off", """{"a":false}""")]
    [InlineData("a: \"yes\"", """{"a":"yes"}""")]
    [InlineData("a: 0440", """{"a":288}""")]
    [InlineData("a: 0o17", """{"a":15}""")]
    [InlineData("a: 0x1F", """{"a":31}""")]
    [InlineData("a: -1_000", """{"a":-1000}""")]
    [InlineData("a: 08", """{"a":8}""")]
    [InlineData("a: 1.50", """{"a":1.50}""")]
    [InlineData("a: .5", """{"a":0.5}""")]
    [InlineData("a: 1e3", """{"a":1e3}""")]
    [InlineData("a: 123456789012345678901234567890", """{"a":123456789012345678901234567890}""")]
    [InlineData("a: 1.2.3", """{"a":"1.2.3"}""")]
    [InlineData("a: 10m", """{"a":"10m"}""")]
    [InlineData("a: ~", """{"a":null}""")]
    [InlineData("a:", """{"a":null}""")]
    [InlineData("a: !!str 12", """{"a":"12"}""")]
    [InlineData("a: |\n  x\n  y\n", """{"a":"x\ny\n"}""")]
    [InlineData("x: &x {k: 1}\ny: {<<: *x, k: 2}\nz: {<<: [*x]}", """{"x":{"k":1},"y":{"k":2},"z":{"k":1}}""")]
    [InlineData("[1, [], {}]", "[1,[],{}]")]
    [InlineData("", null)]
    public void Plain_values_mean_what_Kubernetes_tools_take_them_for(string yaml, string? json)
    {
        Assert.Equal(json, YamlJson.Parse(yaml, "test")?.ToJsonString());
    }

    [Theory]
    [InlineData("a: .inf", "test:1:4: '.inf' is a number that JSON does not have")]
    [InlineData("? [1]\n: 2", "test:1:3: a key must be a single value")]
    [InlineData("a: 1\na: 2", "test:2:1: not valid YAML: ")]
    [InlineData("a: [1", "test:2:1: not valid YAML: ")]
    [InlineData("<<: 1", "test:1:5: '<<' takes a mapping, or a list of mappings")]
    [InlineData("a: 1\n---\nb: 2", "test:1:1: expected one YAML document, got 2")]
    public void What_has_no_JSON_form_is_refused_with_its_place(string yaml, string problem)
    {
        var e = Assert.Throws<InvalidYamlException>(() => YamlJson.Parse(yaml, "test"));

        Assert.StartsWith(problem, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nesting_cannot_overflow_the_stack()
    {
        var e = Assert.Throws<InvalidYamlException>(() => YamlJson.Parse(new string('[', 1_000_000), "test"));

        Assert.Contains("nested more than 64 levels deep", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Lines_count_from_where_the_document_begins_in_its_file()
    {
        var e = Assert.Throws<InvalidYamlException>(() => YamlJson.Parse("a: 1\nb: .nan", "test", firstLine: 11));

        Assert.Equal((12, 4), (e.Problems[0].Line, e.Problems[0].Column));
    }

    [Fact]
    public void Aliases_cannot_make_a_small_file_a_huge_tree()
    {
        var bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n"
            + string.Concat(Enumerable.Range(1, 9).Select(i =>
                $"a{i}: &a{i} [{string.Join(',', Enumerable.Repeat($"*a{i - 1}", 10))}]\n"));

        var e = Assert.Throws<InvalidYamlException>(() => YamlJson.Parse(bomb, "test"));

        Assert.Contains("more than 200000 values", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"yes\"")]
    [InlineData("\"0440\"")]
    [InlineData("\"\"")]
    [InlineData("\"# no comment\"")]
    [InlineData("\"a: b\"")]
    [InlineData("\"line\\nline\\n\"")]
    [InlineData("\" leading\\n and trailing \\n\\n\"")]
    [InlineData("\"\\u0000\\u0085\\u2028\\ud83d\\ude00\"")]
    [InlineData("{\"<<\":1,\"a\\nb\":[],\"c\":{},\"null\":null,\"1\":1.50}")]
    [InlineData("[[[]],[{\"a\":[1,{\"b\":\"c\"}]}],1e3,-7,true]")]
    public void What_is_written_reads_back_as_the_same_tree(string json)
    {
        var tree = JsonNode.Parse($"{{\"v\":{json}}}");

        var yaml = YamlWriter.Write(tree);

        Assert.Equal(tree!.ToJsonString(), YamlJson.Parse(yaml, "test")!.ToJsonString());
    }
}
