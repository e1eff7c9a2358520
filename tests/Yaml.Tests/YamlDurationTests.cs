namespace SidecarAgent.Yaml.Tests;

public class YamlDurationTests
{
    [Theory]
    [InlineData("1s", 1)]
    [InlineData("90s", 90)]
    [InlineData("15m", 900)]
    [InlineData("1h", 3600)]
    [InlineData("7d", 604800)]
    [InlineData("0s", 0)]
    [InlineData("36500d", 36500L * 86400)]
    public void A_whole_number_and_a_unit_is_a_duration(string text, long seconds)
    {
        Assert.True(YamlDuration.TryParse(text, out var value));
        Assert.Equal(TimeSpan.FromSeconds(seconds), value);
    }

    [Theory]
    [InlineData("")]
    [InlineData("s")]
    [InlineData("10")]
    [InlineData("1.5h")]
    [InlineData("-1s")]
    [InlineData("+1s")]
    [InlineData(" 1s")]
    [InlineData("1 s")]
    [InlineData("1H")]
    [InlineData("1ms")]
    [InlineData("1h30m")]
    [InlineData("36501d")]
    [InlineData("99999999999999999999s")]
    [InlineData("9223372036854775807d")]
    [InlineData("١s")]
    public void Anything_else_is_none(string text) => Assert.False(YamlDuration.TryParse(text, out _));
}
