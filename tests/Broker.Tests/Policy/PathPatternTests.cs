using System.Text.RegularExpressions;
using CsCheck;
using SidecarAgent.Broker.Identity;
using SidecarAgent.Broker.Policy;
using SidecarAgent.Broker.Secrets;

namespace SidecarAgent.Broker.Tests.Policy;

public class PathPatternTests
{
    private static readonly Workload Caller = new("https://issuer", "ns", "sa", "pod-0", "uid");

    // A small alphabet, so that patterns and paths meet often.
    private static readonly Gen<string> Segment = Gen.String[Gen.Char["ab."], 1, 4].Where(text => text is not ("." or ".."));

    private static readonly Gen<string> PatternSegment =
        Gen.OneOf(Segment, Gen.String[Gen.Char["ab*"], 1, 4], Gen.Const("*"), Gen.Const("{namespace}"), Gen.Const("a{pod}*"))
            .Where(text => !text.Contains("**", StringComparison.Ordinal));

    private static readonly Gen<string> PathText =
        Gen.OneOf(Segment, Gen.Const("ns"), Gen.Const("apod-0")).Array[1, 4].Select(names => $"kv/{string.Join('/', names)}");

    private static readonly Gen<string> PatternText =
        Gen.Select(PatternSegment.Array[1, 3], Gen.Bool, (segments, deep) =>
            $"kv/{string.Join('/', segments)}{(deep ? "/**" : "")}");

    [Fact]
    public void Patterns_match_exactly_what_the_documented_rules_say() =>
        Gen.Select(PatternText, PathText).Sample(
            (pattern, path) => Assert.Equal(Expected(pattern).IsMatch(path), Matches(pattern, path)),
            iter: 20_000);

    [Fact]
    public void A_pattern_without_wildcards_matches_only_itself() =>
        Gen.Select(PathText, PathText).Sample(
            (pattern, path) => Assert.Equal(pattern == path, Matches(pattern, path)));

    [Fact]
    public void A_pattern_without_any_depth_never_matches_another_number_of_segments() =>
        Gen.Select(PatternSegment.Array[1, 3], PathText).Sample((segments, path) =>
            Assert.False(
                Matches($"kv/{string.Join('/', segments)}", path) && path.Split('/').Length != segments.Length + 1));

    [Fact]
    public void A_caller_s_names_are_compared_and_never_interpreted() =>
        Gen.Select(Gen.String[Gen.Char["ab*/{}."], 1, 6], PathText).Sample((name, path) =>
        {
            var hostile = new Workload("https://issuer", name, name, name, "uid");
            Assert.True(PathPattern.TryParse("kv/{namespace}", out var pattern, out _));
            Assert.Equal(path == $"kv/{name}" && !name.Contains('/'), pattern.Matches(SecretPath.Parse(path), hostile));
        });

    [Fact]
    public void Many_wildcards_are_matched_without_going_back_and_forth()
    {
        // 2^30 steps for a matcher that tries everything; the longest pattern and path that there are for this one.
        var pattern = $"kv/{string.Concat(Enumerable.Repeat("a*", 120))}b";
        var path = $"kv/{new string('a', 250)}";

        Assert.False(Matches(pattern, path));
    }

    private static bool Matches(string pattern, string path)
    {
        Assert.True(PathPattern.TryParse(pattern, out var parsed, out var problem), problem);
        return parsed.Matches(SecretPath.Parse(path), Caller);
    }

    /// <summary>docs/policies.md as a regular expression.</summary>
    private static Regex Expected(string pattern) => new(
        "^" + Regex.Escape(pattern)
            .Replace(@"/\*\*", "(/[^/]+)+", StringComparison.Ordinal)
            .Replace(@"\*", "[^/]*", StringComparison.Ordinal)
            .Replace(@"\{namespace}", "ns", StringComparison.Ordinal)
            .Replace(@"\{pod}", "pod-0", StringComparison.Ordinal) + "$",
        RegexOptions.CultureInvariant);
}
