using System.Buffers;
using CsCheck;
using SidecarAgent.Agent.Rendering;
using SidecarAgent.Agent.Templates;
using SidecarAgent.Agent.Templates.Functions;

namespace SidecarAgent.Agent.Tests.Templates;

/// <summary>Whatever stands in a template, it is rendered or refused; nothing else happens.</summary>
public sealed class RandomTemplateTests
{
    private const string Data = """{ "a": "text", "b": [1, 2.5, null, "x", { "c": "d" }], "m": { "k": "v", "n": { "o": [] } }, "n": 3, "t": true, "z": null, "s": "a,b=c\nd" }""";

    private static readonly Gen<string> Operand = Gen.OneOf(
        ".", "$", ".a", ".b", ".m", ".m.n.o", ".n", ".t", ".z", ".s", ".nope.x", "$x", "nil", "true", "0", "1", "-1", "3", "1.5", "1e308", "100000",
        "9223372036854775807", "`x`", "`,`", "``", "\"\\xff\"", "`%d %v %s %5.2f %q %x`", "`%[2]*[1]d`", "`(a+)(b)?`", "`{\"a\":[1]}`", "`a: [1, {b: c}]`",
        "`2006-01-02`", "`0x1F`", "(list 1 `a` nil)", "(dict `a` 1 `b` (list))", "(until 5)", "(print .a .n)", "(index .b 4).c", "'x'");

    private static readonly Gen<string> Call = Gen.Select(
        Gen.OneOf([.. FunctionTable.Names]), Operand.Array[0, 4], (name, operands) => $"{name} {string.Join(' ', operands)}");

    private static readonly Gen<string> Pipeline = Gen.OneOf(Operand, Call, Call).Array[1, 3].Select(commands => string.Join(" | ", commands));

    private static readonly Gen<string> Piece = Gen.OneOf(
        Pipeline.Select(p => $"{{{{{p}}}}}"),
        Pipeline.Select(p => $"{{{{- {p} -}}}} "),
        Pipeline.Select(p => $"{{{{$x := {p}}}}}"),
        Pipeline.Select(p => $"{{{{$x = {p}}}}}"),
        Pipeline.Select(p => $"{{{{if {p}}}}}"),
        Pipeline.Select(p => $"{{{{with {p}}}}}"),
        Pipeline.Select(p => $"{{{{range {p}}}}}"),
        Pipeline.Select(p => $"{{{{range $i, $x := {p}}}}}"),
        Gen.OneOf("{{end}}", "{{end}}", "{{end}}", "{{else}}", "{{break}}", "{{continue}}", "text\n", "{{/* */}}", "{{define `t`}}", "{{template `t` .}}",
            "{{block `u` .a}}", "{{", "}}", "{{`", "\"", "(", ")", "|", "é\ud800"));

    private static readonly Gen<string> Template =
        Piece.Array[1, 12].Select(pieces => "{{$x := .a}}" + string.Concat(pieces) + string.Concat(Enumerable.Repeat("{{end}}", Opened(pieces))));

    private static readonly Gen<string> Text = Gen.String[Gen.Char["{}()|.$:=,-+\"'`\\ \n\taxe019_%[]*#/é"], 0, 40];

    [Fact]
    public void Templates_made_of_sensible_pieces_render_or_say_why_not() => Template.Sample(Renders, iter: 3000);

    [Fact]
    public void Templates_made_of_any_characters_render_or_say_why_not() =>
        Text.Select(text => "{{$x := 1}}{{" + text + "}}").Sample(Renders, iter: 3000);

    [Fact]
    public void Formats_of_any_characters_print_something() =>
        Gen.Select(Gen.String[Gen.Char["%%%0123456789*.-+# []dvsqxXobcUeEfgGtTp☠a"], 0, 12], Operand.Array[0, 4])
            .Sample((format, operands) => Renders($"{{{{$x := 1}}}}{{{{printf `{format}` {string.Join(' ', operands)}}}}}"), iter: 2000);

    [Fact]
    public void Documents_of_any_characters_are_read_or_refused() =>
        Gen.String[Gen.Char["{}[]:,-\"'&*!|>#%@`~?<= \n\tab10.eyné"], 0, 30].Sample(
            text => Renders($"{{{{$x := 1}}}}{{{{parseYAML {Quote(text)} | toYAML}}}}{{{{parseJSON {Quote(text)}}}}}"), iter: 2000);

    [Fact]
    public void Regular_expressions_of_any_characters_match_or_are_refused() =>
        Gen.Select(Gen.String[Gen.Char["ab()[]{}?*+|^$\\.:dwsDWSPpQExz-,<>!=imsU0123 "], 0, 14], Fields())
            .Sample((pattern, text) => Renders($"{{{{$x := 1}}}}{{{{regexReplaceAll {Quote(pattern)} `$1` {Quote(text)}}}}}"), iter: 2000);

    private static Gen<string> Fields() => Gen.String[Gen.Char["abc 12-\n"], 0, 10];

    private static string Quote(string text) =>
        "\"" + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal) + "\"";

    private static int Opened(string[] pieces) => Math.Max(0, pieces.Count(IsOpening) - pieces.Count(piece => piece == "{{end}}"));

    private static bool IsOpening(string piece) =>
        ((string[])["{{if", "{{with", "{{range", "{{define", "{{block"]).Any(word => piece.StartsWith(word, StringComparison.Ordinal));

    private static void Renders(string template)
    {
        try
        {
            TemplateRun.Compile(template).Render(TemplateRun.Data(Data), new SecretSet([]), new ArrayBufferWriter<byte>());
        }
        catch (TemplateException e)
        {
            Assert.StartsWith($"app.conf:{e.Line}:{e.Column}: ", e.Message, StringComparison.Ordinal);
        }
        catch (RenderException e)
        {
            Assert.StartsWith($"app.conf:{e.Line}:{e.Column}: ", e.Message, StringComparison.Ordinal);
            Assert.True(e.Line > 0 && e.Column > 0);
        }
    }
}
