namespace SidecarAgent.Agent.Tests.Templates;

public sealed class ComparisonTests
{
    private const string Data = """{ "n": 3, "f": 3.0, "s": "3", "null": null, "list": [1], "map": {}, "t": true }""";

    [Theory]
    [InlineData("eq true true", true)]
    [InlineData("eq true false", false)]
    [InlineData("eq 1.5 1.5", true)]
    [InlineData("eq 1 2", false)]
    [InlineData("eq `xy` `xy`", true)]
    [InlineData("eq `xy` `xyz`", false)]
    [InlineData("eq 3 4 5 6 3", true)]
    [InlineData("eq 3 4 5 6 7", false)]
    [InlineData("ne 1 1", false)]
    [InlineData("ne 1 2", true)]
    [InlineData("ne `a` `b`", true)]
    [InlineData("lt 1 2", true)]
    [InlineData("lt 2 1", false)]
    [InlineData("lt 1.5 2.5", true)]
    [InlineData("lt `xy` `xyz`", true)]
    [InlineData("lt `B` `a`", true)]
    [InlineData("le 1 1", true)]
    [InlineData("le `xyz` `xy`", false)]
    [InlineData("gt 2 1", true)]
    [InlineData("gt 1 1", false)]
    [InlineData("ge 1 1", true)]
    [InlineData("ge 1 2", false)]
    [InlineData("eq (index `x` 0) 'x'", true)]
    [InlineData("eq .n 3", true)]
    [InlineData("eq .n 3.0", true)]
    [InlineData("eq .f 3.0", true)]
    [InlineData("eq .f .n", true)]
    [InlineData("lt .n 3.5", true)]
    [InlineData("eq .null nil", true)]
    [InlineData("eq nil .nothing", true)]
    [InlineData("eq .n nil", false)]
    [InlineData("eq nil .list", false)]
    [InlineData("ne .map nil", true)]
    [InlineData("eq .null 0", false)]
    [InlineData("not 0", true)]
    [InlineData("not .list", false)]
    public void Comparisons_follow_Go(string expression, bool expected) =>
        Assert.Equal(expected ? "true" : "false", TemplateRun.Render($"{{{{{expression}}}}}", Data));

    [Theory]
    [InlineData("eq `xy` 1", "error calling eq: values of type string and int cannot be compared")]
    [InlineData("eq 2 2.0", "error calling eq: values of type int and float64 cannot be compared")]
    [InlineData("eq .f 3", "error calling eq: values of type float64 and int cannot be compared")]
    [InlineData("eq .s .n", "error calling eq: values of type string and float64 cannot be compared")]
    [InlineData("lt true true", "error calling lt: values of type bool have no order")]
    [InlineData("lt nil 1", "error calling lt: values of type <nil> and int cannot be compared")]
    [InlineData("eq .list .list", "error calling eq: values of type []interface {} cannot be compared")]
    [InlineData("eq .map .map", "error calling eq: values of type map[string]interface {} cannot be compared")]
    [InlineData("eq .map .list", "error calling eq: values of type map[string]interface {} and []interface {} cannot be compared")]
    [InlineData("eq 1", "error calling eq: missing argument for comparison")]
    [InlineData("ne 1", "wrong number of arguments for ne: want 2, got 1")]
    [InlineData("eq", "wrong number of arguments for eq: want at least 1, got 0")]
    public void What_does_not_compare_is_an_error(string expression, string problem) =>
        Assert.EndsWith($": {problem}", TemplateRun.RenderError($"{{{{{expression}}}}}", Data).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("and false 0", "false")]
    [InlineData("and 1 0", "0")]
    [InlineData("and 0 true", "0")]
    [InlineData("and 1 `x`", "x")]
    [InlineData("or 0 ``", "")]
    [InlineData("or 1 0", "1")]
    [InlineData("or 0 true", "true")]
    [InlineData("or 0 1 (fail `not reached`)", "1")]
    [InlineData("and 1 0 (fail `not reached`)", "0")]
    [InlineData("1 | and 1", "1")]
    [InlineData("0 | and 1", "0")]
    [InlineData("1 | or 0", "1")]
    [InlineData("0 | or 2", "2")]
    [InlineData("and 1 .nothing", "<no value>")]
    [InlineData("or 0 .nothing", "<no value>")]
    [InlineData("or .list `empty`", "[1]")]
    [InlineData("or .map `empty`", "empty")]
    [InlineData("and true", "true")]
    public void And_and_or_stop_at_the_argument_that_decides(string expression, string expected) =>
        Assert.Equal(expected, TemplateRun.Render($"{{{{{expression}}}}}", Data));

    [Fact]
    public void A_variable_that_a_skipped_argument_declares_is_not_there() =>
        Assert.EndsWith(
            ": the variable $x is not defined here",
            TemplateRun.RenderError("{{and 0 ($x := 3)}}{{$x}}").Message,
            StringComparison.Ordinal);
}
