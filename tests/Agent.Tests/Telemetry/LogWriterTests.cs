using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using SidecarAgent.Agent.Configuration;
using SidecarAgent.Agent.Telemetry;

namespace SidecarAgent.Agent.Tests.Telemetry;

public sealed class LogWriterTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 31, 23, 59, 58, 7, TimeSpan.Zero));

    [Fact]
    public void A_line_is_a_time_a_level_and_a_sentence() =>
        Assert.Equal("2026-01-31T23:59:58.007Z WARN  kv/a was revoked\n", Written(LogFormat.Text, "kv/a was revoked"));

    [Theory]
    [InlineData("one\ntwo")]
    [InlineData("one\r\ntwo")]
    [InlineData("one\u2028two")]
    [InlineData("one\u001b[31mtwo")]
    public void No_text_can_begin_a_line_of_its_own_or_steer_a_terminal(string foreign)
    {
        foreach (var format in Enum.GetValues<LogFormat>())
        {
            var line = Written(format, foreign);
            Assert.Equal(1, line.Count(character => character == '\n'));
            Assert.DoesNotContain('\u001b', line);
            Assert.DoesNotContain('\u2028', line);
        }
    }

    [Fact]
    public void A_json_line_has_the_same_parts()
    {
        using var line = JsonDocument.Parse(Written(LogFormat.Json, "a \"b\""));

        Assert.Equal("2026-01-31T23:59:58.007+00:00", line.RootElement.GetProperty("time").GetString());
        Assert.Equal("warn", line.RootElement.GetProperty("level").GetString());
        Assert.Equal("LogWriterTests", line.RootElement.GetProperty("source").GetString());
        Assert.Equal("a \"b\"", line.RootElement.GetProperty("message").GetString());
    }

    [Fact]
    public void What_is_below_the_level_is_not_written() =>
        Assert.Empty(Written(LogFormat.Text, "x", LogLevel.Error));

    private string Written(LogFormat format, string message, LogLevel level = LogLevel.Information)
    {
        using var output = new MemoryStream();
        using (var writer = new LogWriter(output, new LogOptions(level, format), _time))
        using (var logs = writer.CreateFactory())
            logs.CreateLogger<LogWriterTests>().LogWarning("{Message}", message);
        return Encoding.UTF8.GetString(output.ToArray());
    }
}
