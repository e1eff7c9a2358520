using System.Text.Json;
using SidecarAgent.Agent.Rendering;
using SidecarAgent.Agent.Templates;

namespace SidecarAgent.Agent.Tests.Templates;

/// <summary>
/// What Go itself and sprig made of a great many templates, put together at random: Go/answer.go says how they were asked.
/// </summary>
public sealed class GoTests
{
    [Fact]
    public void Templates_give_what_Go_gives_and_fail_where_Go_fails()
    {
        var differences = new List<string>();
        var data = "null";
        var count = 0;
        foreach (var line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Templates", "Go", "cases.jsonl")))
        {
            var question = JsonDocument.Parse(line).RootElement;
            if (question.TryGetProperty("data", out var next))
            {
                data = next.GetRawText();
                continue;
            }

            count++;
            var template = question.GetProperty("template").GetString()!;
            var expected = question.TryGetProperty("gives", out var gives) ? gives.GetString() : null;
            var actual = Render(template, data);
            if (actual != expected)
                differences.Add($"{template}\n  Go:   {expected ?? "fails"}\n  here: {actual ?? "fails"}");
        }

        Assert.True(count > 1000, $"there were {count} cases");
        Assert.True(differences.Count == 0, string.Join('\n', differences));
    }

    /// <returns>Null: it fails.</returns>
    private static string? Render(string template, string data)
    {
        try
        {
            return TemplateRun.Render(template, data);
        }
        catch (Exception error) when (error is TemplateException or RenderException)
        {
            return null;
        }
    }
}
