using System.Text;
using System.Text.RegularExpressions;
using SidecarAgent.Agent.Rendering;
using SidecarAgent.Agent.Templates.Functions;

namespace SidecarAgent.Agent.Tests.Templates;

/// <summary>Holds docs/templates.md to its word: each example in a table is run, and each function has one.</summary>
public sealed partial class DocumentationTests
{
    private static readonly string[] WithoutExample = ["call", "fail"];

    public static TheoryData<string, string> Examples()
    {
        var examples = new TheoryData<string, string>();
        // The page may show the same example twice.
        var seen = new HashSet<(string, string)>();
        foreach (var cells in Rows())
        {
            for (var i = 0; i + 1 < cells.Length; i++)
            {
                if (cells[i].Contains("{{", StringComparison.Ordinal) && seen.Add((cells[i], cells[i + 1])))
                    examples.Add(cells[i], cells[i + 1].Replace("\\n", "\n", StringComparison.Ordinal));
            }
        }

        return examples;
    }

    [Theory]
    [MemberData(nameof(Examples))]
    public void Each_example_gives_what_the_page_says(string template, string expected) =>
        Assert.Equal(expected, TemplateRun.Render(template, secrets: Secrets()));

    [Fact]
    public void Each_function_has_an_example_that_calls_it()
    {
        var rows = Rows().Where(cells => cells.Length == 4 && cells[0] != "function").ToDictionary(cells => cells[0], cells => cells[2], StringComparer.Ordinal);
        foreach (var name in FunctionTable.Names)
        {
            var twin = name.StartsWith("must", StringComparison.Ordinal) ? char.ToLowerInvariant(name[4]) + name[5..] : name;
            Assert.True(rows.TryGetValue(name, out var example) || rows.TryGetValue(twin, out example), $"{name} is not on the page");
            var calls = example.Contains(name, StringComparison.Ordinal) || example.Contains(twin, StringComparison.Ordinal);
            Assert.True(calls || WithoutExample.Contains(name), $"the example of {name} calls another function");
        }
    }

    [Fact]
    public void Each_function_on_the_page_exists() =>
        Assert.All(
            Rows().Where(cells => cells.Length == 4 && cells[0] is not "function"),
            cells => Assert.True(FunctionTable.TryFind(cells[0], out _, out var problem), problem));

    [Fact]
    public void The_first_template_of_the_page_renders()
    {
        var template = FirstCodeBlock().Match(Page()).Groups[1].Value;
        Assert.Equal("[database]\nuser = orders\npassword = \"p@ss\\\"word\"\n", TemplateRun.Render(template, secrets: Secrets()));
    }

    [Fact]
    public void The_functions_that_are_refused_say_why()
    {
        var section = Page().Split("## What is not there")[1].Split("## ")[0];
        foreach (var name in section.Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal)).SelectMany(line => Code().Matches(line.Split('|')[1])))
        {
            Assert.False(FunctionTable.TryFind(name.Groups[1].Value, out _, out var problem));
            Assert.Contains("is not available: ", problem, StringComparison.Ordinal);
        }
    }

    /// <summary>The cells of all tables, without the code marks around them.</summary>
    private static List<string[]> Rows() =>
    [
        .. Page().Split('\n')
            .Where(line => line.StartsWith("| ", StringComparison.Ordinal) && !line.StartsWith("| ---", StringComparison.Ordinal))
            .Select(line => CellSeparator().Split(line[1..^1]).Select(Cell).ToArray()),
    ];

    private static string Cell(string cell)
    {
        var text = cell.Trim(' ');
        return (text.Length > 1 && text[0] == '`' && text[^1] == '`' ? text[1..^1] : text).Replace("\\|", "|", StringComparison.Ordinal);
    }

    private static string Page()
    {
        var directory = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(directory, "SidecarAgent.sln")))
            directory = Path.GetDirectoryName(directory)!;
        return File.ReadAllText(Path.Combine(directory, "docs", "templates.md"));
    }

    private static SecretSet Secrets() => new(
    [
        Secret("kv/shop/orders", ("username", "orders"), ("password", "p@ss\"word"), ("api-key", "k1")),
        Secret("pki/web", ("certificate", "CERT"), ("privateKey", "KEY")),
    ]);

    private static SecretData Secret(string path, params (string Name, string Value)[] fields) =>
        new(path, 3, fields.Select(f => KeyValuePair.Create(f.Name, (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(f.Value))));

    [GeneratedRegex(@"(?<!\\)\|")]
    private static partial Regex CellSeparator();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();

    [GeneratedRegex(@"```\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex FirstCodeBlock();
}
