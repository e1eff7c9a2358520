using System.Text;
using System.Text.RegularExpressions;

namespace SidecarAgent.Ctl.Tests;

/// <summary>Commands that pages show are commands that the program takes: names, options, and what belongs to them.</summary>
public sealed partial class DocumentationTests
{
    /// <summary>Where a page stands for what it leaves out.</summary>
    private static readonly string[] Abbreviations = ["...", "|", ">"];

    public static TheoryData<string> Examples()
    {
        var examples = new TheoryData<string>();
        var pages = Directory.EnumerateFiles(Path.Combine(Repository(), "docs"), "*.md")
            .Concat(Directory.EnumerateFiles(Repository(), "*.md"));
        foreach (var line in pages.SelectMany(File.ReadLines).Distinct(StringComparer.Ordinal))
        {
            if (Shown().Match(line) is { Success: true } match)
                examples.Add(match.Groups["arguments"].Value);
        }

        return examples;
    }

    [Theory]
    [MemberData(nameof(Examples))]
    public void Each_command_that_a_page_shows_is_understood(string example)
    {
        var arguments = Words(example).TakeWhile(word => !Abbreviations.Contains(word)).ToArray();

        var parsed = CommandLine.CreateRoot(Surroundings.OfThisProcess()).Parse(arguments);

        Assert.Empty(parsed.Errors.Select(error => error.Message));
        Assert.Empty(parsed.UnmatchedTokens);
    }

    [Fact]
    public void There_is_an_example_of_each_command()
    {
        var page = File.ReadAllText(Path.Combine(Repository(), "docs", "sidecarctl.md"));
        var leaves = Leaves(CommandLine.CreateRoot(Surroundings.OfThisProcess()), "").ToArray();

        Assert.NotEmpty(leaves);
        Assert.All(leaves, leaf => Assert.Contains($"sidecarctl {leaf}", page, StringComparison.Ordinal));
    }

    private static IEnumerable<string> Leaves(System.CommandLine.Command command, string name) => command.Subcommands.Count == 0
        ? [name]
        : command.Subcommands.SelectMany(inner => Leaves(inner, $"{name} {inner.Name}".Trim()));

    /// <summary>As a shell splits it: quotes hold words together.</summary>
    private static IEnumerable<string> Words(string line)
    {
        foreach (Match word in Word().Matches(line))
        {
            var text = new StringBuilder();
            foreach (Match part in Part().Matches(word.Value))
                text.Append(part.Value[0] is '\'' or '"' ? part.Value[1..^1] : part.Value);
            yield return text.ToString();
        }
    }

    private static string Repository()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "SidecarAgent.sln")))
            directory = directory.Parent ?? throw new InvalidOperationException("The tests do not run inside the repository.");
        return directory.FullName;
    }

    [GeneratedRegex(@"^\s*\$ sidecarctl (?<arguments>.+)$")]
    private static partial Regex Shown();

    [GeneratedRegex("""(?:[^\s'"]|'[^']*'|"[^"]*")+""")]
    private static partial Regex Word();

    [GeneratedRegex("""'[^']*'|"[^"]*"|[^'"]+""")]
    private static partial Regex Part();
}
