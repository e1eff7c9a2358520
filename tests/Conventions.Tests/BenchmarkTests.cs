using System.Text.RegularExpressions;

namespace SidecarAgent.Conventions.Tests;

public sealed partial class BenchmarkTests
{
    [Fact]
    public void The_page_lists_the_benchmarks_that_there_are_in_their_order()
    {
        var program = File.ReadAllText(Path.Combine(SourceTree.Root, "tests/Benchmarks/Program.cs"));
        var page = File.ReadAllText(Path.Combine(SourceTree.Root, "docs/benchmarks.md"));
        var onRequest = LongName().Match(program).Groups[1].Value;

        Assert.Equal(
            Entries().Matches(program).Select(entry => entry.Groups[1].Success ? entry.Groups[1].Value : onRequest),
            Rows().Matches(page).Select(row => row.Groups[1].Value));
    }

    [GeneratedRegex("""^const string Long = "([a-z-]+)";""", RegexOptions.Multiline)]
    private static partial Regex LongName();

    [GeneratedRegex("""^    \((?:"([a-z-]+)"|Long), \w+\.\w+\),""", RegexOptions.Multiline)]
    private static partial Regex Entries();

    [GeneratedRegex("^\\| `([a-z-]+)` \\|", RegexOptions.Multiline)]
    private static partial Regex Rows();
}
