using System.Text.RegularExpressions;
using SidecarAgent.EndToEnd.Tests.Scenes;
using SidecarAgent.Quickstart.Installation;
using SidecarAgent.Testing;

namespace SidecarAgent.EndToEnd.Tests;

/// <summary>What Prometheus gets from the running programs.</summary>
public partial class MetricsTests
{
    private const string Path = "kv/shop/orders";

    [Fact]
    public async Task Every_scrape_satisfies_promtool_and_is_documented()
    {
        await using var scene = await Scene.BeginAsync();
        await scene.PutGeneratedAsync(Path);
        var pod = await scene.RunOrdersAsync("orders-0", ("secret-db.json", Path), ("notify", "http:8080/-/reload"));
        await scene.AppliedAsync(Path, await scene.RotateAsync(Path));

        using var http = new HttpClient();
        var scrapes = new Dictionary<string, string>
        {
            ["agent"] = await pod.MetricsAsync(),
            ["broker"] = await http.GetStringAsync(scene.Installation.Broker.MetricsAddress, scene.Deadline),
            ["webhook"] = await http.GetStringAsync(scene.Installation.Webhook.MetricsAddress, scene.Deadline),
        };

        var documented = await File.ReadAllTextAsync(
            System.IO.Path.Combine(Programs.Locate().Repository, "docs", "metrics.md"), scene.Deadline);
        foreach (var (program, scrape) in scrapes)
        {
            Assert.Contains($"sidecar_{program}_", scrape, StringComparison.Ordinal);
            await CheckAsync(program, scrape, scene.Deadline);
            Assert.All(Families().Matches(scrape), family =>
                Assert.Contains($"`{family.Groups["name"].Value}`", documented, StringComparison.Ordinal));
            await HasWhatAlertsCountAsync(program, scrape, scene.Deadline);
        }
    }

    /// <summary>A series that would begin with its first event has no increase for it, and the alert would miss it.</summary>
    private static async Task HasWhatAlertsCountAsync(string program, string scrape, CancellationToken cancellationToken)
    {
        var rules = await File.ReadAllTextAsync(
            System.IO.Path.Combine(Programs.Locate().Repository, "deploy", "overlays", "monitoring", $"{program}-rules.yaml"), cancellationToken);
        var counted = Increases().Matches(rules).SelectMany(Series).ToArray();
        Assert.NotEmpty(counted);
        Assert.All(counted, series => Assert.Matches(series, scrape));
    }

    /// <summary>Patterns of the series in a scrape: one for each value that the expression names.</summary>
    private static IEnumerable<string> Series(Match increase)
    {
        var (name, label) = (increase.Groups["name"].Value, increase.Groups["label"].Value);
        return label.Length == 0
            ? [$"\n{name}[{{ ]"]
            : increase.Groups["values"].Value.Split('|').Select(value => $"\n{name}{{[^}}]*{label}=\"{value}\"");
    }

    /// <summary>promtool says what is wrong with names, types, units and help texts.</summary>
    private static async Task CheckAsync(string program, string scrape, CancellationToken cancellationToken)
    {
        using var directory = TempDirectory.Create();
        var promtool = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
            .Append(System.IO.Path.Combine(Programs.Locate().Repository, "out", "tools", "usr", "bin"))
            .Select(folder => System.IO.Path.Combine(folder, "promtool"))
            .FirstOrDefault(File.Exists);
        Assert.True(promtool is not null, "promtool, which checks metrics, is missing; install it: sudo apt-get install prometheus");

        var shell = new Command("/bin/sh", Programs.Environment, directory.FullName, TimeProvider.System);
        var check = await shell.TryRunAsync(
            cancellationToken, "-c", "\"$0\" check metrics <\"$1\"", promtool, directory.Write("scrape", scrape));

        Assert.True(check.ExitCode == 0 && check.Output.Length == 0, $"the {program}'s metrics: {check.Output}");
    }

    [GeneratedRegex("^# TYPE (?<name>[a-z_]+) ", RegexOptions.Multiline)]
    private static partial Regex Families();

    [GeneratedRegex("""increase\((?<name>[a-z_]+)(?:\{(?<label>[a-z_]+)=~?"(?<values>[^"]+)"\})?\[""")]
    private static partial Regex Increases();
}
