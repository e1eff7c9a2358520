using SidecarAgent.Agent.Files;

namespace SidecarAgent.Agent.Tests.Files;

public sealed class FilePathTests
{
    [Theory]
    [InlineData("password", "password")]
    [InlineData("tls/server.crt", "tls")]
    [InlineData("a/b/c/d", "a")]
    [InlineData(".pgpass", ".pgpass")]
    [InlineData("a..b", "a..b")]
    [InlineData("with space", "with space")]
    [InlineData("schlüssel/пароль.txt", "schlüssel")]
    [InlineData("🔑", "🔑")]
    public void A_path_below_the_mount_is_taken_as_it_is(string text, string top)
    {
        Assert.True(FilePath.TryParse(text, out var path, out _));
        Assert.Equal(text, path.ToString());
        Assert.Equal(top, path.Top);
        Assert.Equal(text.Split('/'), path.Names);
    }

    [Theory]
    [InlineData(null, "empty")]
    [InlineData("", "empty")]
    [InlineData("/etc/passwd", "absolute")]
    [InlineData("/", "absolute")]
    [InlineData("..", "lead elsewhere")]
    [InlineData(".", "lead elsewhere")]
    [InlineData("../outside", "lead elsewhere")]
    [InlineData("a/../../outside", "lead elsewhere")]
    [InlineData("a/./b", "lead elsewhere")]
    [InlineData("a//b", "empty name")]
    [InlineData("a/", "empty name")]
    [InlineData("..data", "agent's own")]
    [InlineData("a/..manifest", "agent's own")]
    [InlineData("...", "agent's own")]
    [InlineData("a\nb", "control character")]
    [InlineData("a\0b", "control character")]
    [InlineData("a\u0085b", "control character")]
    [InlineData("a\u2028b", "control character")]
    [InlineData("tls\\server.crt", "backslash")]
    public void A_path_that_could_leave_the_mount_or_hide_is_refused_with_the_reason(string? text, string reason)
    {
        Assert.False(FilePath.TryParse(text, out _, out var problem));
        Assert.Contains(reason, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Half_a_character_is_refused()
    {
        Assert.False(FilePath.TryParse("a\ud800b", out _, out var problem));
        Assert.Contains("not Unicode", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ü", 127, true)]
    [InlineData("ü", 128, false)]
    [InlineData("x", 255, true)]
    [InlineData("x", 256, false)]
    public void A_name_is_measured_in_bytes(string character, int count, bool fits)
    {
        var name = string.Concat(Enumerable.Repeat(character, count));
        Assert.Equal(fits, FilePath.TryParse($"tls/{name}", out _, out _));
    }

    [Fact]
    public void A_path_has_at_most_4096_bytes()
    {
        var longest = string.Join('/', Enumerable.Repeat(new string('x', 240), 17))[..4096];
        Assert.True(FilePath.TryParse(longest, out _, out _));
        Assert.False(FilePath.TryParse(longest + "x", out _, out var problem));
        Assert.Contains("4096", problem, StringComparison.Ordinal);
    }
}
