using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using SidecarAgent.Agent.Templates.Documents;
using SidecarAgent.Agent.Templates.Execution;
using SidecarAgent.Agent.Templates.Functions;
using SidecarAgent.Agent.Templates.Values;
using SidecarAgent.Agent.Tests.Rendering;
using YamlDotNet.RepresentationModel;

namespace SidecarAgent.Agent.Tests.Templates;

public sealed class DocumentFunctionTests
{
    private static readonly Gen<Value> Scalar = Gen.OneOf(
        Fields.Text.Select(Value (text) => TextValue.Of(text)),
        Gen.Long.Select(Value (number) => new IntValue(number) { IsData = true }),
        Gen.Double.Where(double.IsFinite).Select(Value (number) => new FloatValue(number)),
        Gen.Bool.Select(Value (value) => BoolValue.Of(value)),
        Gen.Const<Value>(NilValue.Null));

    private static readonly Gen<Value> Tree = Gen.Recursive<Value>((depth, inner) => depth >= 4
        ? Scalar
        : Gen.OneOf(
            Scalar,
            Scalar,
            inner.List[0, 4].Select(Value (items) => new ListValue(items)),
            Gen.Select(Fields.Text, inner).List[0, 4].Select(Value (entries) => Map(entries))));

    [Theory]
    [InlineData("null", "null")]
    [InlineData("[1,1.5,-0.0,1e21,1e-7,0.000001,123456789012]", "[1,1.5,-0,1e+21,1e-7,0.000001,123456789012]")]
    [InlineData("{\"b\":[],\"a\":{}}", "{\"a\":{},\"b\":[]}")]
    [InlineData("\"<a>&\\u2028\\u0001\\b\\f\\n\\r\\t\\\"\\\\é😀\"", "\"\\u003ca\\u003e\\u0026\\u2028\\u0001\\b\\f\\n\\r\\t\\\"\\\\é😀\"")]
    public void JSON_is_written_as_Go_writes_it(string json, string expected) => Assert.Equal(expected, TemplateRun.Render("{{toJSON .}}", json));

    [Fact]
    public void JSON_on_several_lines_is_indented_by_two() =>
        Assert.Equal(
            "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": []\n}",
            TemplateRun.Render("{{toJSONPretty .}}", "{\"a\":[1,{}],\"b\":[]}"));

    [Theory]
    [InlineData("1000000", "1000000")]
    [InlineData("12345678901234567890", "1.2345678901234567e+19")]
    [InlineData("1.0", "1")]
    [InlineData("1e3", "1000")]
    [InlineData("\"\\u00e9\\ud83d\\ude00\"", "é😀")]
    [InlineData("{\"a\":1,\"a\":2}", "map[a:2]")]
    [InlineData(" [ 1 , null ] ", "[1 <nil>]")]
    public void JSON_is_read(string json, string expected) => Assert.Equal(expected, TemplateRun.Render("{{.}}", json));

    [Theory]
    [InlineData("{", "the text is not JSON (line 1)")]
    [InlineData("{\"a\":\nx}", "the text is not JSON (line 2)")]
    [InlineData("[1] 2", "the text is not JSON (line 1)")]
    [InlineData("01", "the text is not JSON (line 1)")]
    [InlineData("{\"a\":\"\\ud800\"}", "the text is not JSON")]
    public void What_is_not_JSON_is_an_error(string text, string problem) =>
        Assert.EndsWith(
            $": {problem}",
            TemplateRun.RenderError("{{parseJSON .}}", JsonValue.Create(text)!.ToJsonString()).Message,
            StringComparison.Ordinal);

    [Theory]
    [InlineData("a: 1\nb: [x, 'y', \"z\"]\n", "map[a:1 b:[x y z]]")]
    [InlineData("- 0x1F\n- 0o17\n- 017\n- 0b11\n- 1_000\n- -3\n- +3\n", "[31 15 15 3 1000 -3 3]")]
    [InlineData("- 1.5\n- 1e3\n- .5\n- -.inf\n- .nan\n", "[1.5 1000 0.5 -Inf NaN]")]
    [InlineData("- yes\n- No\n- on\n- TRUE\n- y\n- ~\n- null\n-\n", "[true false true true y <nil> <nil> <nil>]")]
    [InlineData("- '1'\n- \"yes\"\n- !!str 1\n- 1.2.3\n- 2001-01-01\n- 0x\n- 1e\n- '-'\n- +\n", "[1 yes 1 1.2.3 2001-01-01 0x 1e - +]")]
    [InlineData("a: &x {b: 1}\nc: *x\nd:\n  <<: *x\n  e: 2\n  b: 3\n", "map[a:map[b:1] c:map[b:1] d:map[b:3 e:2]]")]
    [InlineData("d:\n  <<: [{a: 1}, {a: 2, b: 2}]\n", "map[d:map[a:1 b:2]]")]
    [InlineData("t: |\n  one\n  two\nu: >\n  one\n  two\n", "map[t:one\ntwo\n u:one two\n]")]
    [InlineData("1: a\ntrue: b\n", "map[1:a true:b]")]
    [InlineData("a: 1\n---\nb: 2\n", "map[a:1]")]
    [InlineData("# nothing\n", "<no value>")]
    [InlineData("", "map[]")]
    public void YAML_is_read(string yaml, string expected) =>
        Assert.Equal(expected, TemplateRun.Render("{{parseYAML .}}", JsonValue.Create(yaml)!.ToJsonString()));

    [Theory]
    [InlineData("a: [1\n", "the text is not YAML (line 2)")]
    [InlineData("!!0n[", "the text is not YAML")]
    [InlineData(" :\t!", "the text is not YAML")]
    [InlineData("é&:  \n{!*= ?\n\na@.y-0\"1", "the text is not YAML")]
    [InlineData("a: *x\n", "the YAML text refers to an anchor that it does not define (line 1)")]
    [InlineData("a: &x [*x]\n", "the YAML text refers to an anchor that it does not define (line 1)")]
    [InlineData("? [a]\n: 1\n", "the YAML text has a key that is not a single value (line 1)")]
    public void What_is_not_YAML_is_an_error(string yaml, string problem) =>
        Assert.EndsWith(
            $": {problem}",
            TemplateRun.RenderError("{{parseYAML .}}", JsonValue.Create(yaml)!.ToJsonString()).Message,
            StringComparison.Ordinal);

    [Fact]
    public void Documents_that_are_nested_too_deep_are_refused()
    {
        var deep = new string('[', 70) + new string(']', 70);
        Assert.Contains("is not JSON", TemplateRun.RenderError("{{parseJSON .}}", $"\"{deep}\"").Message, StringComparison.Ordinal);
        Assert.EndsWith(
            "the YAML text is nested deeper than 64",
            TemplateRun.RenderError("{{parseYAML .}}", $"\"{deep}\"").Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"a\":1,\"b\":\"x y\",\"c\":[1,2],\"d\":{\"e\":[],\"f\":{}}}", "a: 1\nb: x y\nc:\n- 1\n- 2\nd:\n  e: []\n  f: {}")]
    [InlineData("[[1,[2]],{\"a\":1,\"b\":{\"c\":[3]}}]", "- - 1\n  - - 2\n- a: 1\n  b:\n    c:\n    - 3")]
    [InlineData("{\"text\":\"one\\ntwo\\n\",\"l\":[\"a\\nb\"]}", "l:\n- |-\n  a\n  b\ntext: |\n  one\n  two")]
    [InlineData("[null,true,1.5,1e30,\"yes\",\"\",\"1\"]", "- null\n- true\n- 1.5\n- 1e+30\n- \"yes\"\n- \"\"\n- \"1\"")]
    [InlineData("\"a\\nb\"", "|-\n  a\n  b")]
    [InlineData("{}", "{}")]
    [InlineData("[]", "[]")]
    public void YAML_is_written_in_blocks(string json, string expected) => Assert.Equal(expected, TemplateRun.Render("{{toYAML .}}", json));

    [Theory]
    [InlineData("{\"b\":1,\"a\":\"x\\n\\\"\",\"t\":{\"x\":true,\"u\":{\"y\":1.0}}}", "a = \"x\\n\\\"\"\nb = 1\n\n[t]\nx = true\n\n[t.u]\ny = 1.0")]
    [InlineData("{\"l\":[1,\"a\",[2.5]],\"m\":[{\"k\":1},{\"k\":{\"z\":2}}]}", "l = [1, \"a\", [2.5]]\n\n[[m]]\nk = 1\n\n[[m]]\n\n[m.k]\nz = 2")]
    [InlineData("{\"a b\":{\"c.d\":1},\"n\":null,\"mixed\":[1,{\"a\":1,\"n\":null}]}", "mixed = [1, {a = 1}]\n\n[\"a b\"]\n\"c.d\" = 1")]
    [InlineData("{\"t\":{}}", "[t]")]
    [InlineData("{}", "")]
    public void TOML_is_written_with_tables_last(string json, string expected) => Assert.Equal(expected, TemplateRun.Render("{{toTOML .}}", json));

    [Theory]
    [InlineData("{\"a\":[null]}", "TOML has no null, so a list cannot hold one")]
    [InlineData("[1]", "error calling toTOML: the argument must be map, not []interface {}")]
    public void What_TOML_cannot_hold_is_an_error(string json, string problem) =>
        Assert.EndsWith($": {problem}", TemplateRun.RenderError("{{toTOML .}}", json).Message, StringComparison.Ordinal);

    [Fact]
    public void A_key_that_readers_of_YAML_would_not_find_is_refused() =>
        Assert.EndsWith(
            "YAML cannot hold a key of more than 1000 bytes",
            TemplateRun.RenderError("{{dict (repeat 1001 `k`) 1 | toYAML}}").Message,
            StringComparison.Ordinal);

    [Theory]
    [InlineData("toYAML")]
    [InlineData("toTOML")]
    public void Text_formats_refuse_bytes_that_are_not_text(string function) =>
        Assert.Contains("is not UTF-8 text", TemplateRun.RenderError($"{{{{dict `a` \"\\xff\" | {function}}}}}").Message, StringComparison.Ordinal);

    [Fact]
    public void What_is_written_as_JSON_reads_back_the_same() => Tree.Sample(value =>
    {
        var text = Written(output => new JsonValueWriter(output, pretty: true, escapeHtml: true).Write(value));
        Assert.True(Same(value, JsonValueReader.Read(Encoding.UTF8.GetBytes(text))), text);
        JsonNode.Parse(text);
    });

    [Fact]
    public void What_is_written_as_YAML_reads_back_the_same() => Tree.Sample(value =>
    {
        var text = Written(output => new YamlValueWriter(output).Write(value));
        Assert.True(Same(value, YamlValueReader.Read(text)), text);
        new YamlStream().Load(new StringReader(text));
    });

    [Fact]
    public void Floats_read_back_the_same() => Gen.Double.Where(double.IsFinite).Sample(number =>
    {
        foreach (var verb in (char[])['e', 'f', 'g'])
        {
            var text = TemplateRun.Render($"{{{{printf `%{verb}` (parseFloat .)}}}}", $"\"{number:R}\"");
            Assert.Equal(Math.Round(number, 3), Math.Round(double.Parse(text, CultureInfo.InvariantCulture), 3), Math.Max(1e-3, Math.Abs(number) * 1e-5));
        }

        Assert.Equal(number, double.Parse(TemplateRun.Render("{{parseFloat .}}", $"\"{number:R}\""), CultureInfo.InvariantCulture));
    });

    private static DictValue Map(IEnumerable<(string Key, Value Value)> entries)
    {
        var map = new DictValue();
        foreach (var (key, value) in entries)
            map.Set(key, value);
        return map;
    }

    private static string Written(Action<TextBuffer> write)
    {
        var output = new TextBuffer();
        write(output);
        return output.ToText().Decode();
    }

    private static bool Same(Value left, Value right) => ValueEquality.AreEqual(left, right, new Budget(TimeProvider.System));
}
