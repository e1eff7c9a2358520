using SidecarAgent.Agent.Files;
using static SidecarAgent.Agent.Tests.Files.TemporaryMount;

namespace SidecarAgent.Agent.Tests.Files;

public sealed class ProjectedFileTests
{
    [Fact]
    public void It_prints_without_its_content() =>
        Assert.Equal("tls/server.key 0440 ***", File("tls/server.key", "hunter2").ToString());

    [Theory]
    [InlineData("0440", null)]
    [InlineData("0400", null)]
    [InlineData("0644", null)]
    [InlineData("0777", null)]
    [InlineData("0040", "agent itself")]
    [InlineData("0000", "agent itself")]
    [InlineData("4440", "setuid")]
    [InlineData("2440", "setgid")]
    [InlineData("1440", "sticky")]
    public void A_mode_is_three_octal_digits_that_let_the_agent_read(string octal, string? reason)
    {
        var problem = ProjectedFile.ModeProblem((UnixFileMode)Convert.ToInt32(octal, 8));

        if (reason is null)
            Assert.Null(problem);
        else
            Assert.Contains(reason, problem, StringComparison.Ordinal);
    }
}
