using SidecarAgent.Agent.Connection;
using SidecarAgent.Testing;

namespace SidecarAgent.Agent.Tests.Connection;

public sealed class TokenFileTests
{
    [Fact]
    public void The_token_is_read_anew_each_time_through_links()
    {
        using var directory = TempDirectory.Create();
        directory.Write("one", "first\n");
        directory.Write("two", "second");
        File.CreateSymbolicLink(directory.File("token"), directory.File("one"));
        var token = new TokenFile(directory.File("token"));

        Assert.Equal("first", token.Read());
        File.Delete(directory.File("token"));
        File.CreateSymbolicLink(directory.File("token"), directory.File("two"));
        Assert.Equal("second", token.Read());
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData(" \n", "is empty")]
    [InlineData("two\ntokens", "must hold one token and nothing else")]
    [InlineData("t\u0000ken", "must hold one token and nothing else")]
    [InlineData("töken", "must hold one token and nothing else")]
    public void What_is_no_token_is_not_sent_and_not_repeated(string content, string expected)
    {
        using var directory = TempDirectory.Create();
        var file = directory.Write("token", content);

        var error = Assert.Throws<TokenException>(() => new TokenFile(file).Read());

        Assert.Equal($"token: {file} {expected}", error.Message);
    }

    [Fact]
    public void A_file_that_is_too_large_or_absent_is_named()
    {
        using var directory = TempDirectory.Create();
        var large = directory.Write("large", new string('x', TokenFile.MaxBytes + 1));

        Assert.Contains("has more than 16384 bytes", Assert.Throws<TokenException>(() => new TokenFile(large).Read()).Message, StringComparison.Ordinal);
        Assert.Contains("none", Assert.Throws<TokenException>(() => new TokenFile(directory.File("none")).Read()).Message, StringComparison.Ordinal);
    }
}
