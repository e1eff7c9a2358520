namespace SidecarAgent.Yaml.Tests;

public class NearestNameTests
{
    private static readonly string[] Known = ["listen", "issuers", "policies", "storage", "maxTtl"];

    [Theory]
    [InlineData("listen", "listen")]
    [InlineData("listn", "listen")]
    [InlineData("isuers", "issuers")]
    [InlineData("policy", null)]
    [InlineData("polices", "policies")]
    [InlineData("MAXTTL", "maxTtl")]
    [InlineData("nothing", null)]
    [InlineData("", null)]
    public void A_typing_error_finds_what_was_meant(string unknown, string? expected) =>
        Assert.Equal(expected, NearestName.Find(unknown, Known));

    [Fact]
    public void Of_equally_near_names_the_first_in_the_alphabet_is_found() =>
        Assert.Equal("bat", NearestName.Find("xat", ["cat", "bat"]));

    [Fact]
    public void A_hostile_name_is_near_to_nothing() =>
        Assert.Null(NearestName.Find(new string('l', 100_000), Known));
}
