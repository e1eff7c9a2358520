using System.Net;
using System.Net.Sockets;
using SidecarAgent.Agent.Commands;
using SidecarAgent.Agent.Tests.FakeBroker;

namespace SidecarAgent.Agent.Tests.Telemetry;

[Collection(nameof(AgentsInTurn))]
public sealed class StatusListenerTests
{
    private static readonly string[] Names =
    [
        "sidecar_agent_lease_expiry_timestamp_seconds", "sidecar_agent_secret_version", "sidecar_agent_generation_timestamp_seconds",
        "sidecar_agent_rotation_seconds_bucket", "sidecar_agent_broker_connected", "sidecar_agent_reconnects_total", "sidecar_agent_stale",
        "sidecar_agent_render_failures_total",
    ];

    [Fact]
    public async Task The_metrics_have_the_names_of_the_contract_and_no_value_of_a_secret()
    {
        await using var pod = await TestPod.StartAsync();
        pod.WantRaw("a", "kv/a", "x");
        pod.Broker.Put("kv/a", ("x", "s3cret-value"));
        var agent = pod.Run();
        await pod.Broker.Acknowledgements.NextAsync();
        pod.Broker.Put("kv/a", ("x", "s3cret-value-2"));
        await pod.Broker.Acknowledgements.NextAsync();
        pod.Broker.Put("kv/a", ("y", "s3cret-value-3"));
        await pod.Broker.Acknowledgements.NextAsync();
        await pod.Broker.StopAsync();
        await pod.Broker.StartAsync();
        await pod.Log.WaitForAsync("The broker is back");

        var metrics = await agent.GetAsync("/metrics");

        Assert.All(Names, name => Assert.Contains($"\n{name}", metrics, StringComparison.Ordinal));
        Assert.DoesNotContain("s3cret", metrics, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", await agent.GetAsync("/readyz"), StringComparison.Ordinal);
        Assert.DoesNotContain(pod.Log.Lines, line => line.Contains("s3cret", StringComparison.Ordinal));
        Assert.Equal("ok\n", await agent.GetAsync("/healthz"));
    }

    [Fact]
    public async Task An_address_in_use_ends_the_agent_and_says_which()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        await using var pod = await TestPod.StartAsync();
        pod.WantRaw("a", "kv/a", "x");
        pod.Listen = (IPEndPoint)other.LocalEndpoint;

        var error = await Assert.ThrowsAsync<CommandException>(() => pod.Run().EndedAsync());

        Assert.StartsWith($"listen {other.LocalEndpoint}: ", error.Message, StringComparison.Ordinal);
    }
}
