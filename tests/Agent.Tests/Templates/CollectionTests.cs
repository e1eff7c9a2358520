namespace SidecarAgent.Agent.Tests.Templates;

public sealed class CollectionTests
{
    private const string Data = """{ "l": [3, 4, 5], "m": { "one": 1, "a-b": "dash", "null": null }, "n": [ { "x": [7] } ], "s": "xyz", "u": "日本", "z": null }""";

    [Theory]
    [InlineData("index .l 0", "3")]
    [InlineData("index .l 2", "5")]
    [InlineData("index .m `one`", "1")]
    [InlineData("index .m `a-b`", "dash")]
    [InlineData("index .m `nope`", "<no value>")]
    [InlineData("index .m `null`", "<no value>")]
    [InlineData("index .n 0 `x` 0", "7")]
    [InlineData("index .s 1", "121")]
    [InlineData("index .l", "[3 4 5]")]
    [InlineData("(index .n 0).x", "[7]")]
    [InlineData("slice .l", "[3 4 5]")]
    [InlineData("slice .l 1", "[4 5]")]
    [InlineData("slice .l 1 2", "[4]")]
    [InlineData("slice .l 1 2 3", "[4]")]
    [InlineData("slice .l 3", "[]")]
    [InlineData("slice .s", "xyz")]
    [InlineData("slice .s 1", "yz")]
    [InlineData("slice .s 0 1", "x")]
    [InlineData("slice .u 0 3", "日")]
    [InlineData("slice .s 3", "")]
    [InlineData("len .l", "3")]
    [InlineData("len .m", "3")]
    [InlineData("len .s", "3")]
    [InlineData("len .u", "6")]
    [InlineData("len ``", "0")]
    public void Index_slice_and_len_follow_Go(string expression, string expected) =>
        Assert.Equal(expected, TemplateRun.Render($"{{{{{expression}}}}}", Data));

    [Theory]
    [InlineData("index .l 3", "error calling index: the position is out of range")]
    [InlineData("index .l -1", "error calling index: the position is out of range")]
    [InlineData("index .l `x`", "error calling index: a position must be int, not string")]
    [InlineData("index .l nil", "error calling index: a position must be int, not <nil>")]
    [InlineData("index .m 1", "error calling index: a key must be string, not int")]
    [InlineData("index .m nil", "error calling index: a key must be string, not <nil>")]
    [InlineData("index nil 1", "error calling index: there is no value to index")]
    [InlineData("index .z `a`", "error calling index: there is no value to index")]
    [InlineData("index .m `nope` `more`", "error calling index: a value of type <nil> cannot be indexed")]
    [InlineData("index 1 1", "error calling index: a value of type int cannot be indexed")]
    [InlineData("slice .l 4", "error calling slice: the position is out of range")]
    [InlineData("slice .l 2 1", "error calling slice: the positions must grow")]
    [InlineData("slice .l 1 3 2", "error calling slice: the positions must grow")]
    [InlineData("slice .s 1 2 2", "error calling slice: a string is sliced with two positions at most")]
    [InlineData("slice .m", "error calling slice: a value of type map[string]interface {} cannot be sliced")]
    [InlineData("slice .l 1 2 3 4", "wrong number of arguments for slice: want 1 to 4, got 5")]
    [InlineData("len 3", "error calling len: a value of type int has no length")]
    [InlineData("len .z", "error calling len: a value of type <nil> has no length")]
    [InlineData("call 1", "error calling call: a value of type int is no function; data holds none")]
    public void What_cannot_be_indexed_or_sliced_is_an_error(string expression, string problem) =>
        Assert.EndsWith($": {problem}", TemplateRun.RenderError($"{{{{{expression}}}}}", Data).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("html `<a href=\"x\">'&'</a>`", "&lt;a href=&#34;x&#34;&gt;&#39;&amp;&#39;&lt;/a&gt;")]
    [InlineData("html \"\\x00\"", "\uFFFD")]
    [InlineData("html .z", "&lt;no value&gt;")]
    [InlineData("html", "")]
    [InlineData("html nil 1 2", "&lt;no value&gt;1 2")]
    [InlineData("`<b>` | html", "&lt;b&gt;")]
    [InlineData("js `It'd \"be\" \\nice`", "It\\'d \\\"be\\\" \\\\nice")]
    [InlineData("js `<html> = &`", "\\u003Chtml\\u003E \\u003D \\u0026")]
    [InlineData("js \"a\\n日\\u2028\"", "a\\u000A日\\u2028")]
    [InlineData("urlquery `http://x/?a=b c&d`", "http%3A%2F%2Fx%2F%3Fa%3Db+c%26d")]
    [InlineData("urlquery `日-_.~`", "%E6%97%A5-_.~")]
    [InlineData("urlquery 1 2", "1+2")]
    public void Escaping_functions_follow_Go(string expression, string expected) =>
        Assert.Equal(expected, TemplateRun.Render($"{{{{{expression}}}}}", Data));
}
