using System.Text.Json.Nodes;
using SidecarAgent.Ctl.Output;

namespace SidecarAgent.Ctl.Tests.Output;

public sealed class AnswerWriterTests
{
    private static readonly Answer Answer = new(new JsonArray(new JsonObject
    {
        ["name"] = "a\u001b[31m&b",
        ["yes"] = "yes",
        ["number"] = "12",
        ["count"] = 12UL,
        ["none"] = null,
        ["flag"] = true,
    }))
    {
        Lines = ["a\u001b[31mline"],
        Table = new Table("empty", ["NAME", "B"], [["a\u001b[31m\u202e", "x"], ["[bold]longer", "y"]]),
    };

    [Fact]
    public async Task A_pipe_gets_columns_and_no_escape_sequences()
    {
        var text = await WriteAsync(OutputFormat.Table, Operator.Bare());

        Assert.Equal(
            """
            a\u001B[31mline
            NAME               B
            a\u001B[31m\u202E  x
            [bold]longer       y

            """,
            text);
    }

    [Fact]
    public async Task A_terminal_gets_a_table_that_holds_no_escape_sequence_of_the_answers()
    {
        var text = await WriteAsync(OutputFormat.Table, Operator.Bare() with { TerminalWidth = 80 });

        Assert.Contains("\u001b[1mNAME", text);
        Assert.Contains(@"a\u001B[31m\u202E", text);
        Assert.Contains("[bold]longer", text);
        Assert.DoesNotContain("\u001b[31m", text);
    }

    [Theory]
    [InlineData("NO_COLOR", "1")]
    [InlineData("TERM", "dumb")]
    public async Task A_terminal_that_wants_none_gets_no_escape_sequences(string variable, string value)
    {
        var surroundings = Operator.Bare() with { TerminalWidth = 80, Variable = name => name == variable ? value : null };

        Assert.DoesNotContain('\u001b', await WriteAsync(OutputFormat.Table, surroundings));
    }

    [Fact]
    public async Task A_narrow_terminal_wraps_and_loses_nothing()
    {
        var wide = new Answer(new JsonObject())
        {
            Table = new Table("", ["A", "B"], [["one two three four five six seven", "eight nine ten"]]),
        };
        using StringWriter output = new(), error = new();

        await AnswerWriter.WriteAsync(wide, OutputFormat.Table, Operator.Bare() with { TerminalWidth = 40 }, output, error);

        Assert.All(output.ToString().Split('\n'), line => Assert.True(line.Length <= 60, line));
        Assert.All(
            (string[])["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"],
            word => Assert.Contains(word, output.ToString()));
    }

    [Fact]
    public async Task Json_is_exact_readable_and_has_no_control_characters()
    {
        var text = await WriteAsync(OutputFormat.Json, Operator.Bare() with { TerminalWidth = 80 });

        Assert.DoesNotContain('\u001b', text);
        Assert.Contains("&b", text);
        Assert.True(JsonNode.DeepEquals(Answer.Document, JsonNode.Parse(text)));
    }

    [Fact]
    public async Task Yaml_keeps_texts_that_look_like_something_else()
    {
        var run = new Run(0, await WriteAsync(OutputFormat.Yaml, Operator.Bare()), "");

        var item = (Dictionary<object, object?>)((List<object>)run.Yaml)[0]!;
        Assert.Equal("a\u001b[31m&b", item["name"]);
        Assert.Contains("\"yes\": \"yes\"", run.Output);
        Assert.Contains("number: \"12\"", run.Output);
        Assert.Contains("count: 12\n", run.Output);
        Assert.Contains("flag: true", run.Output);
        Assert.DoesNotContain('\u001b', run.Output);
    }

    private static async Task<string> WriteAsync(OutputFormat format, Surroundings surroundings)
    {
        using StringWriter output = new(), error = new();
        await AnswerWriter.WriteAsync(Answer, format, surroundings, output, error);
        Assert.Equal("", error.ToString());
        return output.ToString();
    }
}
