using SidecarAgent.Agent.Templates;

namespace SidecarAgent.Agent.Tests.Templates;

public sealed class MissingKeyTests
{
    private const string Data = """{ "x": 99, "null": null, "m": {} }""";

    [Theory]
    [InlineData("NoValue", "{{.x}} {{.y}}", "99 <no value>")]
    [InlineData("NoValue", "{{.y.z}}", "<no value>")]
    [InlineData("Zero", "{{.x}} {{.y}}", "99 <no value>")]
    [InlineData("Error", "{{.x}} {{.null}} {{if .null}}{{end}}", "99 <no value> ")]
    [InlineData("Error", "{{index .m `nope`}}", "<no value>")]
    public void A_key_that_is_missing_gives_what_the_mode_says(string mode, string template, string expected) =>
        Assert.Equal(expected, TemplateRun.Render(template, Data, Mode(mode)));

    [Theory]
    [InlineData("Error", "{{.y}}", "at <.y>: the map has no entry 'y'")]
    [InlineData("Error", "{{.m.y.z}}", "at <.m.y.z>: the map has no entry 'y'")]
    [InlineData("Error", "{{if .y}}{{end}}", "at <.y>: the map has no entry 'y'")]
    [InlineData("Error", "{{with $v := .null}}{{else}}{{$v.z}}{{end}}", "at <$v.z>: there is no value to take the field 'z' of")]
    [InlineData("Zero", "{{.y.z}}", "at <.y.z>: null has no field 'z'")]
    [InlineData("NoValue", "{{.null.z}}", "at <.null.z>: null has no field 'z'")]
    public void A_key_that_is_missing_fails_where_the_mode_says_so(string mode, string template, string problem) =>
        Assert.EndsWith(problem, TemplateRun.RenderError(template, Data, Mode(mode)).Message, StringComparison.Ordinal);

    private static TemplateOptions Mode(string mode) => new() { MissingKey = Enum.Parse<MissingKey>(mode) };
}
