using System.Text.RegularExpressions;

namespace SidecarAgent.Conventions.Tests;

public sealed partial class MetricsPageTests
{
    [Fact]
    public void The_page_lists_the_metrics_that_there_are()
    {
        var page = File.ReadAllText(Path.Combine(SourceTree.Root, "docs/metrics.md"));
        var documented = Rows().Matches(page).Select(Name).ToHashSet();
        var named = SourceTree.Product.SelectMany(file => Names().Matches(file.Text)).Select(Name).ToHashSet();

        Assert.True(named.Count > 30, $"only {named.Count} were found");
        Offenders.None(named.Except(documented).Select(name => $"{name} is not in docs/metrics.md")
            .Concat(documented.Except(named).Select(name => $"{name} is in docs/metrics.md, and in no program")));
    }

    /// <summary>Without what the exporter appends by itself: the unit, and what a counter ends with.</summary>
    private static string Name(Match match) => Appended().Replace(match.Groups[1].Value, "");

    [GeneratedRegex("^\\| `(sidecar_[a-z_]+)`", RegexOptions.Multiline)]
    private static partial Regex Rows();

    [GeneratedRegex("\"(sidecar_(?:agent|broker|webhook)_[a-z_]+)\"")]
    private static partial Regex Names();

    [GeneratedRegex("(?:_total|_seconds|_bytes)+$")]
    private static partial Regex Appended();
}
