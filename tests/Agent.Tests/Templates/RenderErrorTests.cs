using SidecarAgent.Agent.Rendering;

namespace SidecarAgent.Agent.Tests.Templates;

public sealed class RenderErrorTests
{
    private const string Data = """{ "name": "s3cret", "list": [1], "n": 5, "m": { "k": "s3cret" }, "null": null }""";

    [Theory]
    [InlineData("{{.name.x}}", "1:3: at <.name.x>: a value of type string has no field 'x'")]
    [InlineData("{{.n.x}}", "1:3: at <.n.x>: a value of type float64 has no field 'x'")]
    [InlineData("{{$x := 1.0}}{{$x.y}}", "1:16: at <$x.y>: a value of type float64 has no field 'y'")]
    [InlineData("{{(.list).x}}", "1:3: at <(.list).x>: a value of type []interface {} has no field 'x'")]
    [InlineData("{{.m.k.z}}", "1:3: at <.m.k.z>: a value of type string has no field 'z'")]
    [InlineData("{{3 2}}", "1:3: at <3>: '3' is no function, so it cannot be given arguments")]
    [InlineData("{{(3) 2}}", "1:3: at <(3)>: '(3)' is no function, so it cannot be given arguments")]
    [InlineData("{{.name 2}}", "1:3: at <.name>: '.name' is no function, so it cannot be given arguments")]
    [InlineData("{{$x := 1}}{{3 | $x}}", "1:18: at <$x>: '$x' is no function, so it cannot be given arguments")]
    [InlineData("{{nil}}", "1:3: at <nil>: nil is not a command")]
    [InlineData("{{if nil}}{{end}}", "1:6: at <nil>: nil is not a command")]
    [InlineData("{{(nil).x}}", "1:4: at <nil>: nil is not a command")]
    [InlineData("{{range .name}}{{end}}", "1:1: at <{{range .name}}>: range cannot iterate over a value of type string")]
    [InlineData("{{range true}}{{end}}", "1:1: at <{{range true}}>: range cannot iterate over a value of type bool")]
    [InlineData("{{range $i, $v := 3}}{{end}}", "1:1: at <{{range $i, $v := 3}}>: a range over a number has one variable, not two")]
    [InlineData("\n\n {{template `nope` .}}", "3:2: at <{{template `nope` .}}>: template \"nope\" is not defined")]
    [InlineData("{{index .list (len .name)}}", "1:3: at <index .list (len .name)>: error calling index: the position is out of range")]
    [InlineData("{{.name | printf \"%d\" | index .list}}", "1:25: at <index .list>: error calling index: a position must be int, not string")]
    [InlineData("{{trimSpace .n}}", "1:3: at <trimSpace .n>: error calling trimSpace: the argument must be string, not float64")]
    [InlineData("{{trimPrefix 1 .name}}", "1:3: at <trimPrefix 1 .name>: error calling trimPrefix: argument 1 must be string, not int")]
    [InlineData("{{trimSpace}}", "1:3: at <trimSpace>: wrong number of arguments for trimSpace: want 1, got 0")]
    [InlineData("{{.name | trimSpace `x`}}", "1:11: at <trimSpace `x`>: wrong number of arguments for trimSpace: want 1, got 2")]
    [InlineData("{{print (trimSpace)}}", "1:10: at <trimSpace>: wrong number of arguments for trimSpace: want 1, got 0")]
    [InlineData("{{fail `the pod needs a password`}}", "1:3: at <fail `the pod needs a password`>: error calling fail: the template gives up")]
    public void Errors_say_where_and_what(string template, string expected) =>
        Assert.Equal($"app.conf:{expected}", TemplateRun.RenderError(template, Data).Message);

    [Fact]
    public void An_error_in_a_defined_template_names_it_too()
    {
        var error = TemplateRun.RenderError("line 1\nline 2\n{{template `one` .}}\n{{define `one`}}{{template `two` .list}}{{end}}\n{{define `two`}}x {{index . 7}}{{end}}", Data);
        Assert.Equal("app.conf:5:21: in template \"two\" at <index . 7>: error calling index: the position is out of range", error.Message);
        Assert.Equal(("app.conf", 5, 21), (error.File, error.Line, error.Column));
    }

    [Theory]
    [InlineData("{{.name.x}}")]
    [InlineData("{{range .name}}{{end}}")]
    [InlineData("{{index .m .name .name}}")]
    [InlineData("{{index .list .name}}")]
    [InlineData("{{parseInt .name}}")]
    [InlineData("{{parseBool .name}}")]
    [InlineData("{{parseJSON .name}}")]
    [InlineData("{{parseYAML (print `[` .name)}}")]
    [InlineData("{{parseYAML (print `*` .name)}}")]
    [InlineData("{{regexMatch (print `(` .name) `x`}}")]
    [InlineData("{{regexMatch (print `(?<=` .name `)`) `x`}}")]
    [InlineData("{{base64Decode (print `!` .name)}}")]
    [InlineData("{{fail .name}}")]
    [InlineData("{{required .name nil}}")]
    [InlineData("{{eq .name 1}}")]
    [InlineData("{{.name | index .list}}")]
    [InlineData("{{toTOML .name}}")]
    [InlineData("{{dict .name 1 | get 1}}")]
    public void No_error_holds_a_value(string template) =>
        Assert.DoesNotContain("s3cret", TemplateRun.RenderError(template, Data).ToString(), StringComparison.Ordinal);

    [Fact]
    public void Values_print_as_stars() => Assert.Equal("string ***", TemplateRun.Data("\"s3cret\"").ToString());

    [Fact]
    public void What_a_template_reads_must_have_been_received()
    {
        RenderException error = TemplateRun.RenderError("{{ (secret `kv/a`).x }}");
        Assert.Equal("app.conf:1:5: at <secret `kv/a`>: secret kv/a has not been received", error.Message);
    }
}
