using System.Text.Json.Nodes;

namespace SidecarAgent.Agent.Tests.Templates;

public sealed class RegexFunctionTests
{
    [Theory]
    [InlineData("a.c", "abc", true)]
    [InlineData("^b", "abc", false)]
    [InlineData("c$", "abc", true)]
    [InlineData("c$", "abc\n", false)]
    [InlineData("(?m)c$", "abc\nd", true)]
    [InlineData("(?m:b$)c$", "b\nc", false)]
    [InlineData("(?m:b$)\nc$", "b\nc", true)]
    [InlineData("(?m:b$)\nc$", "b\nc\n", false)]
    [InlineData("(?-m)b$", "b\n", false)]
    [InlineData("(?s)a.b", "a\nb", true)]
    [InlineData("a.b", "a\nb", false)]
    [InlineData("(?i)ABC", "abc", true)]
    [InlineData("\\d", "٣", false)]
    [InlineData("^[\\d_]+$", "1_2", true)]
    [InlineData("\\D", "٣", true)]
    [InlineData("^\\w+$", "aé", false)]
    [InlineData("\\s", "\u00a0", false)]
    [InlineData("^[[:alpha:]]+[[:digit:]]$", "abc1", true)]
    [InlineData("^[^[:space:]]+$", "a b", false)]
    [InlineData("^\\pL+$", "aé日", true)]
    [InlineData("^\\p{Lu}$", "É", true)]
    [InlineData("\\Qa.b\\E", "a.b", true)]
    [InlineData("\\Qa.b\\E", "axb", false)]
    [InlineData("^\\x41\\x{42}$", "AB", true)]
    [InlineData("^[]a]+$", "]a", true)]
    [InlineData("^[a\\]]$", "]", true)]
    [InlineData("^[a-]$", "-", true)]
    [InlineData("^[[]$", "[", true)]
    [InlineData("a #b", "a #b", true)]
    [InlineData("\\Aab\\z", "ab", true)]
    [InlineData("(a+)+$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", false)]
    [InlineData("", "", true)]
    public void Patterns_mean_what_they_mean_in_Go(string pattern, string text, bool expected) =>
        Assert.Equal(expected ? "true" : "false", TemplateRun.Render("{{regexMatch .p .t}}", Json(pattern, text)));

    [Theory]
    [InlineData("(?P<first>\\w+) (\\w+)", "hello world", "$2 $first", "world hello")]
    [InlineData("(\\w+) (?P<second>\\w+)", "hello world", "${second}_$1", "world_hello")]
    [InlineData("(?<x>a)(b)", "ab", "$1-$2-$x", "a-b-a")]
    [InlineData("a(x*)b", "-ab-axxb-", "$1W", "---")]
    [InlineData("a(x*)b", "-ab-axxb-", "${1}W", "-W-xxW-")]
    [InlineData("a", "banana", "$0$0", "baanaanaa")]
    [InlineData("a", "banana", "$$", "b$n$n$")]
    [InlineData("a", "banana", "$", "b$n$n$")]
    [InlineData("a", "banana", "$9${nope}", "bnn")]
    [InlineData("a", "a", "${x", "${x")]
    [InlineData("", "abc", "-", "-a-b-c-")]
    [InlineData("b*", "abc", "-", "-a-c-")]
    [InlineData("(a|ab)(c|bcd)", "abcd", "$1,$2", "a,bcd")]
    public void Replacements_expand_as_in_Go(string pattern, string text, string replacement, string expected) =>
        Assert.Equal(
            expected,
            TemplateRun.Render("{{.t | regexReplaceAll .p .r}}", Json(pattern, text, replacement)));

    [Theory]
    [InlineData("{{regexFindAll `a.` `ab ac ad` 2}}", "[ab ac]")]
    [InlineData("{{regexFindAll `x` `ab` -1}}", "[]")]
    [InlineData("{{regexFind `x` `ab`}}|", "|")]
    [InlineData("{{mustRegexFind `b` `ab`}}", "b")]
    [InlineData("{{regexSplit `,` `a,b,c` 2}}", "[a b,c]")]
    [InlineData("{{regexSplit `,` `a,b,c` 0}}", "[]")]
    [InlineData("{{regexSplit `` `abc` -1 | toJSON}}", "[\"a\",\"b\",\"c\"]")]
    [InlineData("{{regexSplit `a` `banana` -1 | toJSON}}", "[\"b\",\"n\",\"n\",\"\"]")]
    public void Matches_can_be_found_and_split_at(string template, string expected) => Assert.Equal(expected, TemplateRun.Render(template));

    [Theory]
    [InlineData("(", "the regular expression is not one that Go's RE2 syntax knows")]
    [InlineData("a**", "the regular expression is not one that Go's RE2 syntax knows")]
    [InlineData("(a)\\1", "the regular expression has the escape \\1, which Go does not know")]
    [InlineData("(?=a)", "the regular expression has a group that only .NET or Perl knows; known are (?i), (?m), (?s) and (?P<name>")]
    [InlineData("(?<=a)b", "the regular expression has a group that only .NET or Perl knows; known are (?i), (?m), (?s) and (?P<name>")]
    [InlineData("(?>a)", "the regular expression has a group that only .NET or Perl knows; known are (?i), (?m), (?s) and (?P<name>")]
    [InlineData("a\\Z", "the regular expression has the escape \\Z, which Go does not know")]
    [InlineData("[[:nope:]]", "the regular expression has a class [:name:] that does not exist, or a negated one")]
    [InlineData("[\\D]", "the regular expression has \\D within a class, which is not known here")]
    [InlineData("\\x{110000}", "the regular expression has a code point \\x{...} that is none, or one beyond U+FFFF")]
    [InlineData("a\\", "the regular expression ends with a backslash")]
    [InlineData("(?P<x", "the name of a group in the regular expression is not closed")]
    [InlineData("(?", "the regular expression has a group that only .NET or Perl knows; known are (?i), (?m), (?s) and (?P<name>")]
    public void A_pattern_that_Go_does_not_know_is_an_error(string pattern, string problem) =>
        Assert.EndsWith($": {problem}", TemplateRun.RenderError("{{regexMatch .p .t}}", Json(pattern, "x")).Message, StringComparison.Ordinal);

    private static string Json(string pattern, string text, string replacement = "") =>
        new JsonObject { ["p"] = pattern, ["t"] = text, ["r"] = replacement }.ToJsonString();
}
