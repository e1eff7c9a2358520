using System.Buffers;
using Microsoft.Extensions.Time.Testing;
using SidecarAgent.Agent.Rendering;
using SidecarAgent.Agent.Templates;
using SidecarAgent.Agent.Templates.Values;

namespace SidecarAgent.Agent.Tests.Templates;

public sealed class LimitTests
{
    [Theory]
    [InlineData("{{range 9223372036854775807}}{{end}}", "the template needs more than 2000000 steps; does it loop over too much?")]
    [InlineData("{{range 9223372036854775807}}xxxxxxxx{{end}}", "the file grows beyond 1048576 bytes")]
    [InlineData("{{define `t`}}{{template `t`}}{{end}}{{template `t`}}", "templates, blocks and parentheses are nested deeper than 500; does a template call itself?")]
    [InlineData("{{$s := `x`}}{{range 64}}{{$s = print $s $s}}{{end}}", "a string grows beyond 1048576 bytes")]
    [InlineData("{{printf `%1000000d%1000000d` 1 1}}", "a string grows beyond 1048576 bytes")]
    [InlineData("{{repeat 1000000 `xx`}}", "a string grows beyond 1048576 bytes")]
    [InlineData("{{until 1000000}}", "error calling until: the list grows beyond 100000 items")]
    [InlineData("{{$l := list 1}}{{range 64}}{{$l = concat $l $l}}{{end}}", "error calling concat: the list grows beyond 100000 items")]
    [InlineData("{{$l := list}}{{range 200}}{{$l = list $l}}{{end}}{{$l}}", "lists and maps are nested deeper than 100")]
    [InlineData("{{$d := dict}}{{$_ := set $d `me` $d}}{{toJSON $d}}", "lists and maps are nested deeper than 100")]
    [InlineData("{{$d := dict}}{{$_ := set $d `me` $d}}{{toYAML $d}}", "lists and maps are nested deeper than 100")]
    [InlineData("{{$d := dict}}{{$_ := set $d `me` $d}}{{toTOML $d}}", "lists and maps are nested deeper than 100")]
    [InlineData("{{$d := dict}}{{$_ := set $d `me` $d}}{{deepCopy $d}}", "lists and maps are nested deeper than 100")]
    [InlineData("{{$d := dict}}{{$_ := set $d `me` $d}}{{deepEqual $d (deepCopy (dict `me` $d))}}", "lists and maps are nested deeper than 100")]
    [InlineData("{{$d := dict}}{{$_ := set $d `me` $d}}{{$d}}", "lists and maps are nested deeper than 100")]
    [InlineData("{{$l := list 1}}{{range 40}}{{$l = list $l $l}}{{end}}{{deepEqual $l (deepCopy $l)}}", "the template needs more than 2000000 steps; does it loop over too much?")]
    [InlineData("{{$l := list 1}}{{range 40}}{{$l = list $l $l}}{{end}}{{toJSON $l}}", "a string grows beyond 1048576 bytes")]
    [InlineData("{{$s := repeat 1000000 `x`}}{{range 100000}}{{$x := contains $s `y`}}{{end}}", "the template needs more than 2000000 steps; does it loop over too much?")]
    [InlineData("{{regexMatch (repeat 1001 `x`) ``}}", "a regular expression has more than 1000 characters")]
    public void What_a_template_may_use_is_bounded(string template, string problem) =>
        Assert.EndsWith($": {problem}", TemplateRun.RenderError(template).Message, StringComparison.Ordinal);

    [Fact]
    public void A_source_that_is_too_long_is_refused() =>
        Assert.Equal(
            "app.conf:1:1: the template has 262145 characters; at most 262144 are allowed",
            TemplateRun.CompileError(new string('x', 262145)).Message);

    [Theory]
    [InlineData("{{", "(", ")", "}}")]
    [InlineData("", "{{if 1}}", "{{end}}", "")]
    [InlineData("{{if 1}}", "{{else if 1}}", "", "{{end}}")]
    [InlineData("", "{{range .}}", "{{end}}", "")]
    public void A_source_that_is_nested_too_deep_is_refused(string before, string open, string close, string after)
    {
        string Nested(int depth) => before + Repeat(open, depth) + (open == "(" ? "1" : "") + Repeat(close, depth) + after;
        Assert.Contains("blocks and parentheses are nested deeper than 100", TemplateRun.CompileError(Nested(5000)).Message, StringComparison.Ordinal);
        TemplateRun.Render(Nested(90));
    }

    [Fact]
    public void A_rendering_that_takes_too_long_ends()
    {
        var time = new FakeTimeProvider { AutoAdvanceAmount = TimeSpan.FromSeconds(1) };
        var template = Template.Compile("app.conf", "{{range 1000000}}{{end}}", TemplateOptions.Default, time);
        var error = Assert.Throws<RenderException>(() => template.Render(NilValue.Missing, new SecretSet([]), new ArrayBufferWriter<byte>()));
        Assert.EndsWith(": the template runs longer than 5 seconds", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_may_be_as_large_as_the_limit() =>
        Assert.Equal(1048576, TemplateRun.RenderBytes("{{range 1024}}" + new string('x', 1024) + "{{end}}").Length);

    [Fact]
    public void One_template_can_be_rendered_by_several_threads()
    {
        var template = TemplateRun.Compile("{{range $i := .}}{{$x := print $i `-`}}{{regexReplaceAll `-` `+` $x}}{{end}}");
        var expected = string.Concat(Enumerable.Range(0, 200).Select(i => $"{i}+"));
        Parallel.For(0, 16, _ =>
        {
            var output = new ArrayBufferWriter<byte>();
            template.Render(TemplateRun.Data("200"), new SecretSet([]), output);
            Assert.Equal(expected, System.Text.Encoding.UTF8.GetString(output.WrittenSpan));
        });
    }

    private static string Repeat(string text, int count) => string.Concat(Enumerable.Repeat(text, count));
}
