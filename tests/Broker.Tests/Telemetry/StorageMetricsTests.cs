using System.Text.RegularExpressions;
using SidecarAgent.Broker.Tests.Engines;
using SidecarAgent.Broker.Tests.Storage;

namespace SidecarAgent.Broker.Tests.Telemetry;

/// <summary>What a scrape says of the connection to the database.</summary>
[Collection(nameof(PostgresFixture))]
public sealed partial class StorageMetricsTests(PostgresFixture postgres)
{
    [Fact]
    public async Task With_a_file_it_is_there_and_was_never_lost()
    {
        await using var broker = await RunningBroker.StartAsync();

        Assert.Equal((1, 0), await ReadAsync(broker));
    }

    [Fact]
    public async Task With_a_server_each_loss_counts_also_when_it_is_over()
    {
        await using var store = postgres.Store();
        await using var proxy = ServerProxy.Before(postgres.Server.Port);
        store.Port = proxy.Port;
        await using var broker = await RunningBroker.StartAsync(store: store);
        Assert.Equal((1, 0), await ReadAsync(broker));

        for (var losses = 1; losses <= 2; losses++)
        {
            proxy.TakeDown();
            await Waiting.UntilAsync(async () => await ReadAsync(broker) == (0, losses));
            proxy.BringUp();
            await Waiting.UntilAsync(async () => await ReadAsync(broker) == (1, losses));
        }
    }

    private static async Task<(int Connected, int Lost)> ReadAsync(RunningBroker broker)
    {
        using var client = broker.Metrics;
        var scrape = await client.GetStringAsync(new Uri("/metrics", UriKind.Relative));
        return (int.Parse(Connected().Match(scrape).Groups[1].Value, null), int.Parse(Lost().Match(scrape).Groups[1].Value, null));
    }

    [GeneratedRegex(@"^sidecar_broker_storage_connected(?:\{[^}]*\})? (\d+)", RegexOptions.Multiline)]
    private static partial Regex Connected();

    [GeneratedRegex(@"^sidecar_broker_storage_connections_lost_total(?:\{[^}]*\})? (\d+)", RegexOptions.Multiline)]
    private static partial Regex Lost();
}
