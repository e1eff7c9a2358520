using SidecarAgent.Quickstart.PodRunner;

namespace SidecarAgent.EndToEnd.Tests.PodRunner;

public class VariableReferencesTests
{
    private static readonly Dictionary<string, string> Variables = new() { ["NAME"] = "orders", ["EMPTY"] = "" };

    // The cases of Kubernetes' third_party/forked/golang/expansion.
    [Theory]
    [InlineData("$(NAME)", "orders")]
    [InlineData("a$(NAME)$(EMPTY)b", "aordersb")]
    [InlineData("$(UNKNOWN)", "$(UNKNOWN)")]
    [InlineData("$$(NAME)", "$(NAME)")]
    [InlineData("$$$(NAME)", "$orders")]
    [InlineData("$NAME", "$NAME")]
    [InlineData("$(NAME", "$(NAME")]
    [InlineData("$", "$")]
    [InlineData("100$$", "100$")]
    public void References_expand_as_the_kubelet_expands_them(string text, string expected) =>
        Assert.Equal(expected, VariableReferences.Expand(text, Variables));
}
