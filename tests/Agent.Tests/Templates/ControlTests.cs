namespace SidecarAgent.Agent.Tests.Templates;

public sealed class ControlTests
{
    private const string Data = """
        { "name": "db", "zero": 0, "list": [3, 4, 5], "none": null, "emptyList": [], "emptyMap": {}, "map": { "b": 2, "a": 1, "é": 3, "Z": 0 },
          "rows": [ { "k": "x", "v": [1, 2] }, { "k": "y", "v": [] } ], "five": 5,
          "tree": { "v": 1, "l": { "v": 2, "l": { "v": 3 } }, "r": { "v": 4 } } }
        """;

    [Theory]
    [InlineData("{{if true}}T{{end}}", "T")]
    [InlineData("{{if false}}T{{else}}F{{end}}", "F")]
    [InlineData("{{if 0}}T{{else}}F{{end}}", "F")]
    [InlineData("{{if -1}}T{{else}}F{{end}}", "T")]
    [InlineData("{{if 0.0}}T{{else}}F{{end}}", "F")]
    [InlineData("{{if ``}}T{{else}}F{{end}}", "F")]
    [InlineData("{{if `x`}}T{{else}}F{{end}}", "T")]
    [InlineData("{{if .list}}T{{else}}F{{end}}", "T")]
    [InlineData("{{if .emptyList}}T{{else}}F{{end}}", "F")]
    [InlineData("{{if .emptyMap}}T{{else}}F{{end}}", "F")]
    [InlineData("{{if .none}}T{{else}}F{{end}}", "F")]
    [InlineData("{{if .nothing}}T{{else}}F{{end}}", "F")]
    [InlineData("{{if not .nothing}}T{{else}}F{{end}}", "T")]
    [InlineData("{{if .zero}}1{{else if .none}}2{{else if .name}}3{{else}}4{{end}}", "3")]
    [InlineData("{{if false}}1{{else if false}}2{{end}}", "")]
    [InlineData("{{if eq .name `db`}}yes{{end}}", "yes")]
    [InlineData("{{if and true 1 `hi` | not}}T{{else}}F{{end}}", "F")]
    public void If_chooses(string template, string expected) => Assert.Equal(expected, TemplateRun.Render(template, Data));

    [Theory]
    [InlineData("{{with .name}}{{.}}{{end}}", "db")]
    [InlineData("{{with .none}}x{{else}}{{.name}}{{end}}", "db")]
    [InlineData("{{with .none}}1{{else with .name}}{{.}}{{else}}3{{end}}", "db")]
    [InlineData("{{with .none}}1{{else with .zero}}2{{else with `s`}}{{.}}{{end}}", "s")]
    [InlineData("{{with $x := .name}}{{$x}}{{$.zero}}{{end}}", "db0")]
    [InlineData("{{with .map}}{{.a}}{{with .b}}{{.}}{{end}}{{.a}}{{end}}", "121")]
    public void With_moves_the_dot(string template, string expected) => Assert.Equal(expected, TemplateRun.Render(template, Data));

    [Theory]
    [InlineData("{{range .list}}-{{.}}-{{end}}", "-3--4--5-")]
    [InlineData("{{range .emptyList}}x{{else}}E{{end}}", "E")]
    [InlineData("{{range .none}}x{{else}}E{{end}}", "E")]
    [InlineData("{{range .nothing}}x{{end}}", "")]
    [InlineData("{{range $v := .list}}<{{$v}}>{{end}}", "<3><4><5>")]
    [InlineData("{{range $i, $v := .list}}<{{$i}}={{$v}}>{{end}}", "<0=3><1=4><2=5>")]
    [InlineData("{{range $k, $v := .map}}{{$k}}={{$v}} {{end}}", "Z=0 a=1 b=2 é=3 ")]
    [InlineData("{{range .map}}{{.}}{{end}}", "0123")]
    [InlineData("{{range $k, $v := .emptyMap}}x{{else}}E{{end}}", "E")]
    [InlineData("{{range 3}}{{.}}{{end}}", "012")]
    [InlineData("{{range $i := .five}}{{$i}}{{end}}", "01234")]
    [InlineData("{{range 0}}x{{else}}E{{end}}", "E")]
    [InlineData("{{range -1}}x{{else}}E{{end}}", "E")]
    [InlineData("{{range $v := 2}}{{printf `%T` $v}}{{end}}", "intint")]
    [InlineData("{{range .list}}{{.}}{{break}}x{{else}}E{{end}}", "3")]
    [InlineData("{{range .list}}{{.}}{{continue}}x{{end}}", "345")]
    [InlineData("{{range .list}}{{if eq . 4}}{{continue}}{{end}}{{.}}{{end}}", "35")]
    [InlineData("{{range .list}}{{if eq . 4}}{{ break }}{{end}}{{.}}{{end}}", "3")]
    [InlineData("{{range .rows}}{{.k}}:{{range .v}}{{.}}{{else}}-{{end}} {{end}}", "x:12 y:- ")]
    [InlineData("{{range .rows}}{{range .v}}{{break}}{{end}}{{.k}}{{end}}", "xy")]
    [InlineData("{{range $i, $r := .rows}}{{range $j, $v := $r.v}}{{$i}}{{$j}} {{end}}{{end}}", "00 01 ")]
    [InlineData("{{range .list}}{{$x := .}}{{if eq . 4}}{{continue}}{{end}}{{$x}}{{end}}", "35")]
    [InlineData("{{$i := 0}}{{range $i = .list}}{{end}}{{$i}}", "5")]
    [InlineData("{{$k := 0}}{{$v := 0}}{{range $k, $v = .list}}{{$k}}={{$v}} {{end}}{{$k}}", "0=3 1=4 2=5 2")]
    [InlineData("{{$n := 0}}{{range .list}}{{$n = .}}{{end}}{{$n}}", "5")]
    [InlineData("{{range $x := .list}}{{$foo := $x}}{{$foo}}{{end}}", "345")]
    [InlineData("{{range $i, $v := .emptyList}}{{else}}{{$v}}{{end}}", "[]")]
    [InlineData("{{range .list}}{{range $.emptyList}}{{else}}{{break}}{{end}}{{.}}{{end}}", "")]
    public void Range_goes_through_lists_maps_and_numbers(string template, string expected) =>
        Assert.Equal(expected, TemplateRun.Render(template, Data));

    [Theory]
    [InlineData("{{define `x`}}<{{.}}>{{end}}{{template `x` .name}}{{template \"x\" 1}}", "<db><1>")]
    [InlineData("{{define `x`}}<{{.}}>{{end}}{{template `x`}}", "<<no value>>")]
    [InlineData("{{template `x` .}}{{define `x`}}{{$.name}}{{end}}", "db")]
    [InlineData("{{define `x`}}{{$y := 1}}{{$y}}{{end}}{{$y := 2}}{{template `x`}}{{$y}}", "12")]
    [InlineData("a({{block `inner` .name}}bar({{.}}){{end}})b", "a(bar(db))b")]
    [InlineData("{{block `i` 1}}{{.}}{{end}}{{template `i` 2}}", "12")]
    [InlineData("{{define `a`}}1{{end}}{{define `b`}}{{template `a`}}2{{end}}{{template `b`}}", "12")]
    [InlineData("{{define `a`}} \n{{end}}{{define `a`}}x{{end}}{{template `a`}}", "x")]
    [InlineData("{{define `a`}}x{{end}}{{define `a`}} {{/* empty */}} {{end}}{{template `a`}}", "x")]
    [InlineData("{{define `t`}}[{{.v}}{{with .l}}{{template `t` .}}{{end}}{{with .r}}{{template `t` .}}{{end}}]{{end}}{{template `t` .tree}}", "[1[2[3]][4]]")]
    [InlineData("{{range .list}}{{template `x` .}}{{end}}{{define `x`}}{{range 1}}{{break}}{{end}}{{.}}{{end}}", "345")]
    [InlineData("{{template `x` $z := 3}}{{$z}}{{define `x`}}{{.}}{{end}}", "33")]
    public void Templates_are_defined_and_run(string template, string expected) => Assert.Equal(expected, TemplateRun.Render(template, Data));

    [Fact]
    public void The_keys_of_a_range_do_not_change_while_it_runs() =>
        Assert.Equal("ab2", TemplateRun.Render("{{$d := dict `a` 1 `b` 2}}{{range $k, $v := $d}}{{$k}}{{$_ := set $d (print $k `x`) 1}}{{end}}{{$d | len | add -2}}"));
}
