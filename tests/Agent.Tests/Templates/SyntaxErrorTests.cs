using SidecarAgent.Agent.Templates;

namespace SidecarAgent.Agent.Tests.Templates;

public sealed class SyntaxErrorTests
{
    [Theory]
    [InlineData("{{", "1:1: in {{: the action is not closed; expected '}}'")]
    [InlineData("a\n{{.x", "2:1: in {{.x: the action is not closed; expected '}}'")]
    [InlineData("{{}}", "1:3: in {{}}: missing value for the action")]
    [InlineData("{{\n}}", "2:1: in {{: missing value for the action")]
    [InlineData("{{/* x", "1:1: in {{/* x: the comment is not closed; expected '*/'")]
    [InlineData("{{/* x */ 1}}", "1:10: in {{/* x */ 1}}: expected '}}' behind the comment")]
    [InlineData("{{ /* x */ }}", "1:4: in {{ /* x */ }}: unexpected '/'")]
    [InlineData("{{\"x\n\"}}", "1:3: in {{\"x: the string is not closed; expected \" on the same line")]
    [InlineData("{{`x}}", "1:3: in {{`x}}: the raw string is not closed; expected `")]
    [InlineData("{{'x}}", "1:3: in {{'x}}: the character constant is not closed; expected ' on the same line")]
    [InlineData("{{''}}", "1:3: in {{''}}: '' holds no character")]
    [InlineData("{{'xx'}}", "1:3: in {{'xx'}}: 'xx' holds more than one character")]
    [InlineData("{{\"\\d\"}}", "1:3: in {{\"\\d\"}}: '\\d' is no escape of Go's constants; for a backslash write \\\\ or use back quotes")]
    [InlineData("{{\"\\xZZ\"}}", "1:3: in {{\"\\xZZ\"}}: \\x in a constant needs 2 digits that stand for a character")]
    [InlineData("{{\"\\ud800\"}}", "1:3: in {{\"\\ud800\"}}: \\u in a constant needs 4 digits that stand for a character")]
    [InlineData("{{\"\\400\"}}", "1:3: in {{\"\\400\"}}: \\4 in a constant needs 3 digits that stand for a character")]
    [InlineData("{{089}}", "1:3: in {{089}}: '089' is not a number as Go writes them")]
    [InlineData("{{1__0}}", "1:3: in {{1__0}}: '1__0' is not a number as Go writes them")]
    [InlineData("{{0x}}", "1:3: in {{0x}}: '0x' is not a number as Go writes them")]
    [InlineData("{{+-2}}", "1:3: in {{+-2}}: '+' is not a number as Go writes them")]
    [InlineData("{{1e999}}", "1:3: in {{1e999}}: '1e999' is not a number as Go writes them")]
    [InlineData("{{9223372036854775808}}", "1:3: in {{9223372036854775808}}: '9223372036854775808' is too large for a whole number of 64 bits")]
    [InlineData("{{3i}}", "1:3: in {{3i}}: '3i' is a complex number, which templates here do not know")]
    [InlineData("{{1.E}}", "1:3: in {{1.E}}: '1.E' is not a number as Go writes them")]
    public void Tokens(string template, string expected) => Check(template, expected);

    [Theory]
    [InlineData("{{.a-b}}", "1:5: in {{.a-b}}: unexpected '-' behind '.a'; names hold letters, digits and _ only (for other keys use index)")]
    [InlineData("{{.}}{{..x}}", "1:9: in {{..x}}: unexpected '.x': a constant or dot has no such field")]
    [InlineData("{{nil.x}}", "1:6: in {{nil.x}}: unexpected '.x': a constant or dot has no such field")]
    [InlineData("{{\"s\".x}}", "1:6: in {{\"s\".x}}: unexpected '.x': a constant or dot has no such field")]
    [InlineData("{{true.x}}", "1:7: in {{true.x}}: unexpected '.x': a constant or dot has no such field")]
    [InlineData("{{(1}}", "1:5: in {{(1}}: a parenthesis is not closed; expected ')'")]
    [InlineData("{{1)}}", "1:4: in {{1)}}: unexpected ')': no parenthesis is open")]
    [InlineData("{{()}}", "1:4: in {{()}}: missing value for the parentheses")]
    [InlineData("{{print (print .).}}", "1:18: in {{print (print .).}}: unexpected '.'; expected a space, '|' or the end of the action")]
    [InlineData("{{print 3`x`}}", "1:10: in {{print 3`x`}}: unexpected '`x`'; expected a space, '|' or the end of the action")]
    [InlineData("{{print 3, 4}}", "1:10: in {{print 3, 4}}: unexpected ','; expected a space, '|' or the end of the action")]
    [InlineData("{{print $.a!}}", "1:12: in {{print $.a!}}: unexpected '!' behind '.a'; names hold letters, digits and _ only (for other keys use index)")]
    [InlineData("{{.x | 12}}", "1:8: in {{.x | 12}}: only a function can stand behind '|'")]
    [InlineData("{{.x | .}}", "1:8: in {{.x | .}}: only a function can stand behind '|'")]
    [InlineData("{{.x | nil}}", "1:8: in {{.x | nil}}: only a function can stand behind '|'")]
    [InlineData("{{.x |}}", "1:6: in {{.x |}}: expected a function behind '|'")]
    [InlineData("{{| print}}", "1:3: in {{| print}}: unexpected '|'; expected a value or a function")]
    [InlineData("{{.x || print}}", "1:7: in {{.x || print}}: unexpected '|'; expected a value or a function")]
    [InlineData("{{print end}}", "1:9: in {{print end}}: unexpected 'end'; expected a value or a function")]
    [InlineData("{{nope}}", "1:3: in {{nope}}: there is no function 'nope'")]
    [InlineData("{{trimSpaces .x}}", "1:3: in {{trimSpaces .x}}: there is no function 'trimSpaces'; did you mean 'trimSpace'?")]
    [InlineData("{{env `HOME`}}", "1:3: in {{env `HOME`}}: the function env is not available: a template sees secrets and nothing of the agent's environment; write the value into the template")]
    [InlineData("{{$x}}", "1:3: in {{$x}}: the variable $x is not defined here")]
    [InlineData("{{with $x := 4}}{{end}}{{$x}}", "1:26: in {{$x}}: the variable $x is not defined here")]
    [InlineData("{{define `a`}}{{$x}}{{end}}{{$x := 1}}", "1:17: in {{$x}}: the variable $x is not defined here")]
    [InlineData("{{$x = 1}}", "1:6: in {{$x = 1}}: the variable $x is not defined here")]
    [InlineData("{{$x.y := 4}}", "1:3: in {{$x.y := 4}}: the variable $x is not defined here")]
    [InlineData("{{$x : 1}}", "1:6: in {{$x : 1}}: unexpected ':'; expected ':='")]
    [InlineData("{{with $v, $u := 3}}{{end}}", "1:10: in {{with $v, $u := 3}}: too many variables in 'with'; only 'range' takes two")]
    [InlineData("{{range $a, $b, $c := 3}}{{end}}", "1:15: in {{range $a, $b, $c := 3}}: too many variables in 'range'; only 'range' takes two")]
    [InlineData("{{range $a, 3}}{{end}}", "1:13: in {{range $a, 3}}: unexpected '3'; expected a variable behind ','")]
    [InlineData("{{range $a, $b 3}}{{end}}", "1:16: in {{range $a, $b 3}}: unexpected '3'; expected ':=' or '='")]
    [InlineData("{{$x := 1}}{{$x +2 -}}{{$x+2}}", "1:27: in {{$x+2}}: unexpected '+' behind '$x'; names hold letters, digits and _ only (for other keys use index)")]
    public void Pipelines(string template, string expected) => Check(template, expected);

    [Theory]
    [InlineData("{{end}}", "1:3: in {{end}}: unexpected 'end': no if, with, range, block or define is open")]
    [InlineData("{{else}}", "1:3: in {{else}}: unexpected 'else': no if, with, range, block or define is open")]
    [InlineData("{{if .x}}a{{end}}{{end}}", "1:20: in {{end}}: unexpected 'end': no if, with, range, block or define is open")]
    [InlineData("a\n {{if .x}}b", "2:4: in {{if .x}}: 'if' is not closed; expected an 'end' before the end of the template")]
    [InlineData("{{if .x}}{{else}}b", "1:12: in {{else}}: 'else' is not closed; expected an 'end' before the end of the template")]
    [InlineData("{{if}}{{end}}", "1:5: in {{if}}: missing value for 'if'")]
    [InlineData("{{if .x}}{{else}}{{else}}{{end}}", "1:20: in {{else}}: unexpected second 'else' in 'if'; expected 'end'")]
    [InlineData("{{if .x}}{{else with .y}}{{end}}", "1:17: in {{else with .y}}: unexpected 'else with' in 'if'")]
    [InlineData("{{range .x}}{{else if .y}}{{end}}", "1:20: in {{else if .y}}: unexpected 'else if' in 'range'")]
    [InlineData("{{if .x}}{{else .y}}{{end}}", "1:17: in {{else .y}}: unexpected '.y': 'else' stands alone, or before 'if' or 'with'")]
    [InlineData("{{if .x}}{{end .y}}", "1:16: in {{end .y}}: unexpected '.y': 'end' stands alone")]
    [InlineData("{{break}}", "1:3: in {{break}}: unexpected 'break' outside of 'range'")]
    [InlineData("{{range .x}}{{end}}{{continue}}", "1:22: in {{continue}}: unexpected 'continue' outside of 'range'")]
    [InlineData("{{range .x}}{{else}}{{break}}{{end}}", "1:23: in {{break}}: unexpected 'break' outside of 'range'")]
    [InlineData("{{range .x}}{{break 1}}{{end}}", "1:21: in {{break 1}}: unexpected '1': 'break' stands alone")]
    [InlineData("{{range .x}}{{block `b` .}}{{break}}{{end}}{{end}}", "1:30: in {{break}}: unexpected 'break' outside of 'range'")]
    [InlineData("{{define `a`}}{{else}}{{end}}", "1:17: in {{else}}: unexpected 'else' in 'define'; expected 'end'")]
    [InlineData("{{define .x}}{{end}}", "1:10: in {{define .x}}: unexpected '.x'; expected the template's name as a string constant")]
    [InlineData("{{define `a` .}}{{end}}", "1:14: in {{define `a` .}}: unexpected '.': a name and nothing else stands behind 'define'")]
    [InlineData("{{if .x}}{{define `a`}}{{end}}{{end}}", "1:12: in {{define `a`}}: unexpected 'define': definitions stand outside of all other blocks")]
    [InlineData("{{define `a`}}x{{end}}\n{{define `a`}}y{{end}}", "2:1: the template \"a\" is defined twice")]
    [InlineData("x{{define `app.conf`}}y{{end}}", "1:1: the template \"app.conf\" is defined twice")]
    [InlineData("{{template .x}}", "1:12: in {{template .x}}: unexpected '.x'; expected the template's name as a string constant")]
    [InlineData("{{template $x}}", "1:12: in {{template $x}}: unexpected '$x'; expected the template's name as a string constant")]
    [InlineData("{{block `b`}}{{end}}", "1:12: in {{block `b`}}: missing value for 'block'")]
    public void Blocks(string template, string expected) => Check(template, expected);

    [Fact]
    public void Columns_count_characters_not_bytes() => Check("日本 {{.a", "1:4: in {{.a: the action is not closed; expected '}}'");

    [Fact]
    public void The_parts_of_an_error_can_be_read_one_by_one()
    {
        var error = TemplateRun.CompileError("a\n{{ .x | nope }}");
        Assert.Equal(("app.conf", 2, 9, "{{ .x | nope }}"), (error.Template, error.Line, error.Column, error.Action));
    }

    [Fact]
    public void A_long_action_is_shortened_in_the_message() =>
        Assert.Contains(
            "in {{" + new string(' ', 1) + "print \"" + new string('x', 50) + "...: ",
            TemplateRun.CompileError("{{ print \"" + new string('x', 500) + "\" nope }}").Message,
            StringComparison.Ordinal);

    private static void Check(string template, string expected)
    {
        TemplateException error = TemplateRun.CompileError(template);
        Assert.Equal($"app.conf:{expected}", error.Message);
    }
}
