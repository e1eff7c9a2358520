using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using SidecarAgent.Quickstart.Installation;
using SidecarAgent.Testing;

namespace SidecarAgent.EndToEnd.Tests.Deploy;

/// <summary>Alerts that fire when they should, and a dashboard that shows something.</summary>
public partial class MonitoringTests
{
    private const string Overlay = "overlays/monitoring";

    private static readonly string[] TestFiles = ["alerts.test.yaml", "broker-access-alerts.test.yaml", "broker-alerts.test.yaml"];
    private const string Install = "install it: sudo apt-get install prometheus";

    [Fact]
    public async Task Promtool_finds_the_rules_good_and_they_fire_when_they_should()
    {
        using var directory = TempDirectory.Create();
        await WriteRulesAsync(directory);
        var tests = new List<string>();
        foreach (var file in TestFiles)
            tests.Add(directory.Write(file, await ReadTestsAsync(file)));

        var check = await Tool.RunAsync("promtool", Install, "check", "rules", directory.File("rules.yaml"));
        Assert.True(check.ExitCode == 0, check.Output);
        var test = await Tool.RunAsync("promtool", Install, ["test", "rules", .. tests]);
        Assert.True(test.ExitCode == 0, test.Output);
    }

    [Fact]
    public async Task Every_alert_is_tested()
    {
        var manifests = await Manifests.RenderAsync(Overlay);
        var tests = string.Concat(await Task.WhenAll(TestFiles.Select(ReadTestsAsync)));

        Assert.All(Rules(manifests), rule =>
            Assert.Contains($"alertname: {rule["alert"]}\n        exp_alerts:\n", tests, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Every_alert_and_every_panel_asks_for_metrics_that_are_documented()
    {
        var manifests = await Manifests.RenderAsync(Overlay);
        var documented = await File.ReadAllTextAsync(Path.Combine(Programs.Locate().Repository, "docs", "metrics.md"));
        var dashboard = JsonNode.Parse((string)manifests.Get("ConfigMap", "sidecar-agent-dashboard")["data"]!["dashboard.json"]!)!;
        var queries = Manifests.List(dashboard["panels"]).SelectMany(panel => Manifests.List(panel["targets"])).Select(target => (string)target["expr"]!)
            .Concat(Rules(manifests).Select(rule => (string)rule["expr"]!)).ToList();

        Assert.True(queries.Count > 20, $"{queries.Count} queries");
        Assert.All(queries, query =>
        {
            var names = Metrics().Matches(query).Select(match => match.Value.Replace("_bucket", "", StringComparison.Ordinal)).ToList();
            Assert.NotEmpty(names);
            Assert.All(names, name => Assert.Contains($"`{name}`", documented, StringComparison.Ordinal));
        });
    }

    [Fact]
    public async Task Panels_have_titles_and_places_of_their_own()
    {
        var manifests = await Manifests.RenderAsync(Overlay);
        var panels = Manifests.List(JsonNode.Parse((string)manifests.Get("ConfigMap", "sidecar-agent-dashboard")["data"]!["dashboard.json"]!)!["panels"]).ToList();

        Assert.All(panels, panel => Assert.False(string.IsNullOrEmpty((string?)panel["title"])));
        Assert.Equal(panels.Count, panels.Select(panel => (long)panel["id"]!).Distinct().Count());
        Assert.Equal(panels.Count, panels.Select(panel => ((long)panel["gridPos"]!["x"]!, (long)panel["gridPos"]!["y"]!)).Distinct().Count());
    }

    private static Task<string> ReadTestsAsync(string file) =>
        File.ReadAllTextAsync(Path.Combine(Programs.Locate().Repository, "tests/EndToEnd.Tests/Deploy", file));

    /// <summary>The rules of all PrometheusRules in one file, as Prometheus itself reads them. JSON is YAML.</summary>
    private static async Task WriteRulesAsync(TempDirectory directory)
    {
        var manifests = await Manifests.RenderAsync(Overlay);
        var groups = manifests.Of("PrometheusRule").SelectMany(rule => Manifests.List(rule["spec"]!["groups"])).Select(group => group.DeepClone());
        directory.Write("rules.yaml", new JsonObject { ["groups"] = new JsonArray([.. groups]) }.ToJsonString());
    }

    private static IEnumerable<JsonNode> Rules(Manifests manifests) => manifests.Of("PrometheusRule")
        .SelectMany(rule => Manifests.List(rule["spec"]!["groups"])).SelectMany(group => Manifests.List(group["rules"]));

    [GeneratedRegex("sidecar_[a-z_]+")]
    private static partial Regex Metrics();
}
