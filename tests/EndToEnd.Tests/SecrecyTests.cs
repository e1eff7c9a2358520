using SidecarAgent.EndToEnd.Tests.Scenes;
using SidecarAgent.Quickstart.Demonstration;
using SidecarAgent.Testing;

namespace SidecarAgent.EndToEnd.Tests;

/// <summary>Goes through the life of secrets, mishaps included, and then looks for their values everywhere.</summary>
public class SecrecyTests
{
    private const string Orders = "kv/shop/orders";
    private const string Broken = "kv/shop/broken";

    /// <summary>Values of kinds that have ended up in messages elsewhere.</summary>
    private static readonly string[] Values =
    [
        "plain-8f3b1c5e7a9d2046",
        "quotes\"and'$(dollars)`and\\slashes-77e1",
        "two\nlines-0c9d8e7f",
        "ünïcödé-пароль-パスワード-5a5a",
        "{{ .template }}-%s-%n-91b2",
        "https://user:pass-in-url-31337@example.invalid/path",
    ];

    [Fact]
    public async Task No_value_is_in_any_log_metric_error_audit_line_environment_or_command_line()
    {
        await using var scene = await Scene.BeginAsync();
        using var input = TempDirectory.CreateInMemory();
        var search = await LiveAsync(scene, input);

        search.Directory(
            scene.Installation.Work.Root,
            directory => directory.EndsWith("/sidecar-agent-secrets", StringComparison.Ordinal));

        Assert.Empty(search.Findings);
        Assert.True(search.Places > 20, $"only {search.Places} places were searched");
    }

    private static async Task<LeakSearch> LiveAsync(Scene scene, TempDirectory input)
    {
        var fields = Values.Select((value, i) => $"field{i}=@{input.Write($"value{i}", value)}").ToArray();
        await SidecarctlAsync(["secret", "put", Orders, .. fields]);
        await scene.PutAsync(Broken, ("only", Values[0]));
        var pod = await scene.RunOrdersAsync(
            "orders-0",
            ("secret-db.json", Orders),
            ("secret-plain", $"{Orders}#field0"),
            ("secret-all.env", Orders), ("format-all.env", "env"),
            ("secret-all.yaml", Orders), ("format-all.yaml", "yaml"),
            ("secret-all.properties", Orders), ("format-all.properties", "properties"),
            ("notify", "http:8080/-/reload"),
            ("log-level", "trace"));
        await scene.AppliedAsync(Orders, 1);
        Assert.Equal(Values[0], pod.Read("plain"));

        // Mishaps: a field that is gone, an unknown path, a broker that dies, an agent that dies, a cut-off.
        await scene.PutAsync(Orders, ("field0", Values[0]), ("other", Values[1]));
        await scene.AppliedAsync(Orders, 2);
        await SidecarctlAsync("secret", "show", Orders);
        await SidecarctlAsync("secret", "show", "kv/shop/unknown");
        await SidecarctlAsync(["secret", "put", Orders, "--expect-version", "99", .. fields]);
        await SidecarctlAsync("holders", Orders);
        await SidecarctlAsync("trace", Orders);
        await scene.Installation.Broker.Server.KillAsync();
        await scene.Installation.Broker.Server.StartAsync(scene.Deadline);
        await pod.KillAgentAsync();
        await pod.ReadyAsync();
        await SidecarctlAsync("rotate", Orders);
        await scene.AppliedAsync(Orders, 2);

        var search = new LeakSearch(Values);
        search.Text("the agent's metrics", await pod.MetricsAsync());
        using var http = new HttpClient();
        search.Text("the broker's metrics", await http.GetStringAsync(scene.Installation.Broker.MetricsAddress, scene.Deadline));
        search.Text("the webhook's metrics", await http.GetStringAsync(scene.Installation.Webhook.MetricsAddress, scene.Deadline));
        search.Text("the agent's readiness", await http.GetStringAsync(new Uri(pod.Local.Agent, "/readyz"), scene.Deadline));
        search.Process("the agent", pod.Agent.ProcessId!.Value);
        search.Process("the application", pod.Application.ProcessId!.Value);
        search.Process("the broker", scene.Installation.Broker.Server.ProcessId!.Value);
        search.Process("the webhook", scene.Installation.Webhook.Server.ProcessId!.Value);

        await SidecarctlAsync("revoke", "--workload", "shop/orders", "--reason", "drill");
        await scene.EventuallyAsync("the files are gone", () => !pod.Has("plain"));
        return search;

        Task SidecarctlAsync(params string[] arguments) =>
            scene.Installation.Sidecarctl.TryRunAsync(scene.Deadline, arguments);
    }
}
