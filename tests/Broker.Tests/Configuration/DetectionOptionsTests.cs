using SidecarAgent.Broker.Configuration;
using SidecarAgent.Broker.Secrets;
using SidecarAgent.Broker.Tests.Leases;
using SidecarAgent.Yaml;

namespace SidecarAgent.Broker.Tests.Configuration;

public sealed class DetectionOptionsTests
{
    [Fact]
    public void What_is_left_out_has_its_default()
    {
        var options = Read("other: 1");

        Assert.Equal(([], TimeSpan.FromDays(90), 30, TimeSpan.FromMinutes(10)),
            (options.Canaries, options.RememberAccess, options.SpreadSecrets, options.SpreadWithin));
    }

    [Fact]
    public void Canaries_are_patterns_that_raise_an_alarm_and_cut_off_only_if_told_so()
    {
        var options = Read(
            """
            detection:
              canaries: [ { paths: [ 'kv/{namespace}/root', kv/aws/** ] }, { paths: [ kv/trap ], onRead: cutOff } ]
            """);

        Assert.Equal([false, true], options.Canaries.Select(canary => canary.CutsOff));
        Assert.True(options.Canaries[0].Covers(SecretPath.Parse("kv/shop/root"), Some.Orders));
        Assert.False(options.Canaries[0].Covers(SecretPath.Parse("kv/other/root"), Some.Orders));
        Assert.True(options.Canaries[0].Covers(SecretPath.Parse("kv/aws/a/b"), Some.Orders));
    }

    [Theory]
    [InlineData("canaries: [ { paths: [] } ]", "the canary needs 'paths'")]
    [InlineData("canaries: [ { paths: [ '*/root' ] } ]", "the mount, which is the first segment, must be written out")]
    [InlineData("canaries: [ { paths: [ kv/a ], onRead: explode } ]", "'onRead' must be one of alarm, cutOff")]
    [InlineData("canarys: []", "did you mean 'canaries'?")]
    [InlineData("rememberAccess: 1h", "'rememberAccess' must be from 1d to 3650d")]
    [InlineData("spread: { secrets: -1 }", "'secrets' must be a whole number from 0 to 1000")]
    [InlineData("spread: { within: 10s }", "'within' must be from 1m to 24h")]
    public void What_cannot_be_meant_is_said(string text, string problem)
    {
        var error = Assert.Throws<InvalidYamlException>(() => Read($"detection: {{ {text} }}"));

        Assert.Contains(error.Problems, one => one.ToString().Contains(problem, StringComparison.Ordinal));
    }

    private static DetectionOptions Read(string text)
    {
        var file = YamlFile.Parse(text, "broker.yaml");
        file.Root.OptionalText("other");
        var options = DetectionOptionsReader.Read(file.Root);
        file.ThrowIfInvalid();
        return options;
    }
}
