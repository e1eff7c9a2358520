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
        var content = pod.Read("db.json");
        var generation = pod.Generation;
        var said = pod.Application.Output.Count;

        await scene.Installation.Broker.Server.StopAsync();
        var attempts = await CountAttemptsAsync(scene.Installation.Broker.Port, 8, scene.Deadline);

        output.WriteLine($"pauses between attempts: {string.Join(", ", attempts.Select(pause => $"{pause.TotalSeconds:0.0} s"))}");
        // Never more than one in a second; the first pauses are the shortest.
        Assert.All(attempts, pause => Assert.True(pause >= TimeSpan.FromSeconds(0.5), $"a pause of only {pause}"));
        Assert.True(attempts.Aggregate(TimeSpan.Zero, (sum, pause) => sum + pause) >= TimeSpan.FromSeconds(attempts.Count));
        Assert.Equal((content, generation), (pod.Read("db.json"), pod.Generation));
        Assert.Equal((0, 0), (pod.Agent.Restarts, pod.Application.Restarts));
        Assert.Equal(said, pod.Application.Output.Count);
        Assert.Equal(0, await pod.MetricAsync("sidecar_agent_broker_connected"));

        await scene.Installation.Broker.Server.StartAsync(scene.Deadline);
        var back = TimeProvider.System.GetTimestamp();
        var version = await scene.RotateAsync(Path);
        await scene.AppliedAsync(Path, version);
        var took = TimeProvider.System.GetElapsedTime(back);
        output.WriteLine($"up to date {took.TotalSeconds:0.0} s after the broker was back");
        Assert.True(took < BackWithin, $"up to date only after {took}");
        Assert.Equal(1, await pod.MetricAsync("sidecar_agent_broker_connected"));
    }

    /// <summary>
    /// Stands where the broker was, and hangs up on whoever comes. A pause is from one attempt to the next; the first
    /// attempt after the broker went comes at once and begins the first pause.
    /// </summary>
    private static async Task<IReadOnlyList<TimeSpan>> CountAttemptsAsync(int port, int count, CancellationToken deadline)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        listener.Start();
        var pauses = new List<TimeSpan>();
        (await listener.AcceptSocketAsync(deadline)).Dispose();
        while (pauses.Count < count)
        {
            var began = TimeProvider.System.GetTimestamp();
            (await listener.AcceptSocketAsync(deadline)).Dispose();
            pauses.Add(TimeProvider.System.GetElapsedTime(began));
        }

        return pauses;
    }
}
