using System.Net;
using System.Net.Sockets;
using SidecarAgent.EndToEnd.Tests.Scenes;
using Xunit.Abstractions;

namespace SidecarAgent.EndToEnd.Tests;

public class OutageTests(ITestOutputHelper output)
{
    private const string Path = "kv/shop/orders";

    /// <summary>The agent's longest pause between attempts, and what a busy machine may take for the rest.</summary>
    private static readonly TimeSpan BackWithin = TimeSpan.FromSeconds(5) + TimeSpan.FromSeconds(5);

    [Fact]
    public async Task While_the_broker_is_away_the_application_notices_nothing_and_the_agent_tries_in_moderation()
    {
        await using var scene = await Scene.BeginAsync();
        await scene.PutGeneratedAsync(Path);
        var pod = await scene.RunOrdersAsync("orders-0", ("secret-db.json", Path), ("notify", "http:8080/-/reload"));
        await scene.AppliedAsync(Path, 1);
        await pod.Application.Output.WaitForAsync(
            line => line.StartsWith("ready", StringComparison.Ordinal), 0, scene.Deadline);
        var content = pod.Read("db.json");
        var generation = pod.Generation;
        var said = pod.Application.Output.Count;

        await scene.Installation.Broker.Server.StopAsync();
        var pauses = await MeasurePausesAsync(scene.Installation.Broker.Port, 8, scene.Deadline);

        output.WriteLine($"pauses between attempts: {string.Join(", ", pauses.Select(pause => $"{pause.TotalSeconds:0.0} s"))}");
        // Never more than one in a second; one pause can be measured shorter by as much as a busy machine lengthened the
        // one before.
        Assert.All(pauses, pause => Assert.True(pause >= TimeSpan.FromSeconds(0.5), $"a pause of only {pause}"));
        Assert.True(pauses.Sum(pause => pause.TotalSeconds) > pauses.Count - 1);

        // Then nobody listens there at all, for as many attempts again.
        var tried = await pod.MetricAsync("sidecar_agent_reconnects_total");
        await scene.EventuallyAsync("the agent goes on trying", async () =>
            await pod.MetricAsync("sidecar_agent_reconnects_total") >= tried + pauses.Count);

        Assert.Equal((content, generation), (pod.Read("db.json"), pod.Generation));
        Assert.Equal((0, 0), (pod.Agent.Restarts, pod.Application.Restarts));
        Assert.Equal(said, pod.Application.Output.Count);
        Assert.Equal(0, await pod.MetricAsync("sidecar_agent_broker_connected"));
        Assert.Equal(0, await pod.MetricAsync("sidecar_agent_stale"));

        await scene.Installation.Broker.Server.StartAsync(scene.Deadline);
        var back = TimeProvider.System.GetTimestamp();
        await scene.AppliedAsync(Path, await scene.RotateAsync(Path));
        var took = TimeProvider.System.GetElapsedTime(back);
        output.WriteLine($"up to date {took.TotalSeconds:0.0} s after the broker was back");
        Assert.True(took < BackWithin, $"up to date only after {took}");
        Assert.Equal(1, await pod.MetricAsync("sidecar_agent_broker_connected"));
    }

    /// <summary>
    /// Stands where the broker was, and hangs up on whoever has said hello. The first attempt after the broker went comes
    /// at once and begins the first pause.
    /// </summary>
    private static async Task<IReadOnlyList<TimeSpan>> MeasurePausesAsync(int port, int count, CancellationToken deadline)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        listener.Start();
        var pauses = new List<TimeSpan>();
        await HangUpAsync(listener, deadline);
        while (pauses.Count < count)
        {
            var began = TimeProvider.System.GetTimestamp();
            await HangUpAsync(listener, deadline);
            pauses.Add(TimeProvider.System.GetElapsedTime(began));
        }

        return pauses;
    }

    private static async Task HangUpAsync(TcpListener listener, CancellationToken deadline)
    {
        using var caller = await listener.AcceptSocketAsync(deadline);
        await caller.ReceiveAsync(new byte[1], deadline);
    }
}
