namespace SidecarAgent.Ctl.Tests;

public sealed class VersionCommandTests
{
    [Theory]
    [InlineData("table", "sidecarctl ")]
    [InlineData("json", "\"version\": \"")]
    [InlineData("yaml", "version: ")]
    public async Task The_version_is_said_in_each_form(string format, string expected)
    {
        var run = await Operator.RunAsync(Operator.Bare(), "version", "--output", format);

        Assert.Contains(expected, run.MustSucceed().Output);
        Assert.Matches(@"\d+\.\d+\.\d+", run.Output);
    }
}
