namespace SidecarAgent.Agent.Tests.Templates;

public sealed class ActionTests
{
    private const string Data = """
        { "name": "db", "port": 5432, "ratio": 0.5, "on": true, "none": null, "empty": "", "nested": { "a": { "b": "deep" } },
          "list": [3, 4, 5], "mixed": ["x", 1, null, true], "map": { "two": 2, "one": 1 } }
        """;

    [Theory]
    [InlineData("", "")]
    [InlineData("plain text", "plain text")]
    [InlineData("a } b }} c", "a } b }} c")]
    [InlineData("{{.name}}", "db")]
    [InlineData("<{{ .name }}>", "<db>")]
    [InlineData("{{.port}} {{.ratio}} {{.on}}", "5432 0.5 true")]
    [InlineData("{{.none}}|{{.nothing}}", "<no value>|<no value>")]
    [InlineData("{{.nested.a.b}}", "deep")]
    [InlineData("{{.nested}}", "map[a:map[b:deep]]")]
    [InlineData("{{.map}}", "map[one:1 two:2]")]
    [InlineData("{{.list}}", "[3 4 5]")]
    [InlineData("{{.mixed}}", "[x 1 <nil> true]")]
    [InlineData("{{$.name}}", "db")]
    [InlineData("{{($).name}}", "db")]
    [InlineData("{{(.nested).a.b}}", "deep")]
    [InlineData("{{(.nested.a).b}}", "deep")]
    [InlineData("{{(index .nested `a`).b}}", "deep")]
    [InlineData("{{ \"text\" }}{{ `raw` }}{{ 1 }}{{ true }}{{ 'a' }}", "textraw1true97")]
    [InlineData("{{ (1) }}", "1")]
    [InlineData("{{ printf `%d %d` (1) (len `abc`) }}", "1 3")]
    [InlineData("{{ .name | printf `%s-%s` `x` }}", "x-db")]
    [InlineData("{{ .name | len | printf `%d` }}", "2")]
    [InlineData("{{ `x` | printf }}", "x")]
    [InlineData("{{ print (print `a` | print `b`) }}", "ba")]
    [InlineData("{{ printf `%v` .nothing }}", "<nil>")]
    [InlineData("{{ print nil }}", "<nil>")]
    [InlineData("{{ .nothing.more.still }}", "<no value>")]
    [InlineData("{{ (.none).more }}", "<no value>")]
    public void Actions_print_values(string template, string expected) => Assert.Equal(expected, TemplateRun.Render(template, Data));

    [Theory]
    [InlineData("{{$x := .name}}{{$x}}", "db")]
    [InlineData("{{$x := 2}}{{$x = 3}}{{$x}}", "3")]
    [InlineData("{{$x := 2}}{{if true}}{{$x = 3}}{{end}}{{$x}}", "3")]
    [InlineData("{{$x := 1}}{{if true}}{{$x := 2}}{{$x}}{{end}}{{$x}}", "21")]
    [InlineData("{{$x := 1}}{{if true}}{{$x := 2}}{{if true}}{{$x = 3}}{{end}}{{$x}}{{end}}{{$x}}", "31")]
    [InlineData("{{if $x := true}}{{with $x := .name}}{{$x}},{{end}}{{$x}}{{end}}", "db,true")]
    [InlineData("{{with $x := .nested}}{{$x.a.b}}{{end}}", "deep")]
    [InlineData("{{$x := .list | len}}{{$x}}", "3")]
    [InlineData("{{ $x \n := \n 1 \n }}{{$x}}", "1")]
    [InlineData("{{$x:=.name}}{{$x}}", "db")]
    [InlineData("{{$x := .none}}{{$x}} {{$x.field}}", "<no value> <no value>")]
    [InlineData("{{if $x := false}}{{else}}{{$x}}{{end}}", "false")]
    [InlineData("{{$ñ_1 := 1}}{{$ñ_1}}", "1")]
    [InlineData("{{range $i, $v := .list}}{{$i}}{{end}}{{$x := 1}}{{$x}}", "0121")]
    [InlineData("{{ print ($x := 3) }}{{$x}}", "33")]
    public void Variables_live_until_the_end_of_their_block(string template, string expected) =>
        Assert.Equal(expected, TemplateRun.Render(template, Data));

    [Theory]
    [InlineData("x \t\n{{- 3}}", "x3")]
    [InlineData("{{3 -}}\n\n\ty", "3y")]
    [InlineData("x\r\n{{-  3   -}}\n y", "x3y")]
    [InlineData("{{-3}}", "-3")]
    [InlineData("{{- -3 -}} x", "-3x")]
    [InlineData("{{ 3-}} x", null)]
    [InlineData("a {{- /* comment */ -}} b", "ab")]
    [InlineData("a{{/* }} \n */}}b", "ab")]
    [InlineData("x \n{{- /* */}}\n y", "x\n y")]
    [InlineData("x \n{{/* */ -}}\n y", "x \ny")]
    [InlineData("{{\n\"x\"\n|\nprintf\n}}", "x")]
    [InlineData("{{- \"{{\" -}}", "{{")]
    [InlineData("{{`}}`}}", "}}")]
    public void Trim_markers_and_comments_are_not_seen(string template, string? expected)
    {
        if (expected is null)
            TemplateRun.CompileError(template);
        else
            Assert.Equal(expected, TemplateRun.Render(template));
    }

    [Theory]
    [InlineData("<<", ">>", "<<.name>><</* c */>><<\"<<\">>", "db<<")]
    [InlineData("|", "|", "|.name||/* c */||\"|\"|", "db|")]
    [InlineData("(日)", "(本)", "(日).name(本) (日)- -3 -(本) x", "db-3x")]
    [InlineData("[[", "]]", "{{x}} [[if .on]]yes[[end]]", "{{x}} yes")]
    [InlineData("(", ")", "a (- .name -) b", "adbb")]
    public void Delimiters_can_be_chosen(string left, string right, string template, string expected) =>
        Assert.Equal(expected, TemplateRun.Render(template, Data, new() { LeftDelimiter = left, RightDelimiter = right }));

    [Theory]
    [InlineData("1234", "1234")]
    [InlineData("12_34", "1234")]
    [InlineData("0b101", "5")]
    [InlineData("0b_1_0_1", "5")]
    [InlineData("0B11", "3")]
    [InlineData("0377", "255")]
    [InlineData("0o377", "255")]
    [InlineData("0O17", "15")]
    [InlineData("0x1F", "31")]
    [InlineData("0X1_f", "31")]
    [InlineData("0xef", "239")]
    [InlineData("+7", "7")]
    [InlineData("-0", "0")]
    [InlineData("9223372036854775807", "9223372036854775807")]
    [InlineData("-9223372036854775808", "-9223372036854775808")]
    [InlineData("1.5", "1.5")]
    [InlineData(".5", "0.5")]
    [InlineData("-1.2", "-1.2")]
    [InlineData("0_1.5", "1.5")]
    [InlineData("1e3", "1000")]
    [InlineData("1E-2", "0.01")]
    [InlineData("1e+21", "1e+21")]
    [InlineData("0x1p4", "16")]
    [InlineData("0x1.8p+1", "3")]
    [InlineData("+0x_1.e_0p+0_2", "7.5")]
    [InlineData("'a'", "97")]
    [InlineData("'\\n'", "10")]
    [InlineData("'\\''", "39")]
    [InlineData("'\\x41'", "65")]
    [InlineData("'\\101'", "65")]
    [InlineData("'\\u65e5'", "26085")]
    [InlineData("'😀'", "128512")]
    [InlineData("true", "true")]
    public void Number_constants_are_Go_s(string constant, string expected) => Assert.Equal(expected, TemplateRun.Render($"{{{{{constant}}}}}"));

    [Theory]
    [InlineData("1e3", "float64")]
    [InlineData("1000", "int")]
    [InlineData("'a'", "int")]
    [InlineData("0xEE", "int")]
    public void Number_constants_have_Go_s_types(string constant, string expected) =>
        Assert.Equal(expected, TemplateRun.Render($"{{{{printf `%T` {constant}}}}}"));

    [Theory]
    [InlineData("\"a\\tb\\n\\\"\\\\\"", "a\tb\n\"\\")]
    [InlineData("\"\\a\\b\\f\\r\\v\"", "\a\b\f\r\v")]
    [InlineData("\"\\x41\\101\\u0041\\U00000041\"", "AAAA")]
    [InlineData("\"\\xe6\\x97\\xa5\"", "日")]
    [InlineData("`a\\n\n\"b\"`", "a\\n\n\"b\"")]
    [InlineData("`a\r\nb`", "a\nb")]
    [InlineData("\"日本\"", "日本")]
    public void String_constants_are_Go_s(string constant, string expected) => Assert.Equal(expected, TemplateRun.Render($"{{{{{constant}}}}}"));

    [Fact]
    public void A_string_constant_can_hold_any_byte() =>
        Assert.Equal([0xFF, 0x00, 0x80], TemplateRun.RenderBytes("{{\"\\xff\\x00\\200\"}}"));
}
