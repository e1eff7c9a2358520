using System.Text.Json.Nodes;
using YamlDotNet.Serialization;

namespace SidecarAgent.Ctl.Tests;

/// <summary>What one run of the program left: its exit code and what it wrote.</summary>
internal sealed record Run(int Code, string Output, string Error)
{
    public JsonNode Json => JsonNode.Parse(Output)!;

    public object Yaml => new DeserializerBuilder().Build().Deserialize<object>(Output);

    /// <summary>The lines of standard output.</summary>
    public string[] Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>It ended well and had nothing to complain about.</summary>
    public Run MustSucceed()
    {
        Assert.Equal("", Error);
        Assert.Equal(0, Code);
        return this;
    }

    /// <summary>It ended with the code, one line on standard error that says all of this, and nothing on standard output.</summary>
    public void MustFail(int code, params string[] saying)
    {
        Assert.Equal("", Output);
        Assert.Equal(code, Code);
        Assert.StartsWith("sidecarctl: ", Error);
        Assert.Equal(Error.Length - 1, Error.IndexOf('\n'));
        foreach (var words in saying)
            Assert.Contains(words, Error);
    }
}
