using SidecarAgent.Broker.Identity;

namespace SidecarAgent.Broker.Tests.Identity;

public class ForeignTextTests
{
    [Theory]
    [InlineData("plain text, 100 %", "plain text, 100 %")]
    [InlineData("", "")]
    [InlineData("a\nb\r\tc\0", "a?b??c?")]
    [InlineData("\u001b[31mred\u009b", "?[31mred?")]
    [InlineData("\u202eevil\u2028", "?evil?")]
    public void Nothing_is_left_that_ends_a_line_or_steers_a_terminal(string text, string expected) =>
        Assert.Equal(expected, ForeignText.Clean(text));

    [Fact]
    public void Long_text_is_cut() =>
        Assert.Equal(new string('x', 200) + "...", ForeignText.Clean(new string('x', 100_000)));
}
