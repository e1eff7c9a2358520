using SidecarAgent.Agent.Files;

namespace SidecarAgent.Agent.Tests.Files;

public sealed class GenerationTests
{
    [Fact]
    public void A_name_tells_time_and_number()
    {
        var written = new DateTimeOffset(2026, 1, 31, 23, 59, 59, 999, TimeSpan.FromHours(-5)).AddTicks(7);

        var generation = Generation.Create(17, written);

        Assert.Equal("..20260201T045959.999Z.17", generation.DirectoryName);
        Assert.True(Generation.TryParse(generation.DirectoryName, out var parsed));
        Assert.Equal(generation, parsed);
        Assert.Equal(written.AddTicks(-7), parsed.Written);
    }

    [Theory]
    [InlineData("..data")]
    [InlineData("..")]
    [InlineData("...1")]
    [InlineData("20260201T045959.999Z.17")]
    [InlineData("..20260201T045959.999Z.0")]
    [InlineData("..20260201T045959.999Z.017")]
    [InlineData("..20260201T045959.999Z.-1")]
    [InlineData("..20260201T045959.999Z.")]
    [InlineData("..20260201T045959.999Z.99999999999999999999")]
    [InlineData("..20260231T045959.999Z.1")]
    [InlineData("..2026_02_01_04_59_59.1234567")]
    [InlineData("..20260201T045959.999Z.17/x")]
    [InlineData("../20260201T045959.999Z.17")]
    public void A_name_of_another_form_is_not_ours(string name) => Assert.False(Generation.TryParse(name, out _));

    [Fact]
    public void Numbers_start_at_one() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Generation.Create(0, DateTimeOffset.UnixEpoch));
}
