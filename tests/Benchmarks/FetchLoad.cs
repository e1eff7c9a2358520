using System.Diagnostics;
using Grpc.Core;
using Grpc.Net.Client;
using SidecarAgent.V1;

namespace SidecarAgent.Benchmarks;

/// <summary>Pods that fetch one secret over and over. The client takes its part of the same cores.</summary>
internal sealed class FetchLoad(BrokerRig rig, string[] tokens, string path)
{
    private const int Connections = 16;

    private readonly Metadata[] _pods =
        [.. tokens.Select(token => new Metadata { { "authorization", $"Bearer {token}" } })];

    private readonly FetchRequest _request = new() { Secrets = { new SecretRequest { Path = path } } };

    /// <summary>What the broker and this program have computed for each fetch of the last run.</summary>
    public (TimeSpan Broker, TimeSpan Client) CpuTime { get; private set; }

    /// <summary>Fetches for so long over kept connections, with so many calls under way.</summary>
    /// <returns>How many a second that were.</returns>
    public async Task<double> RunAsync(TimeSpan duration, int callers, CancellationToken cancellationToken)
    {
        var channels = Open();
        try
        {
            return await MeasureAsync(duration, callers, (i, _) => FetchAsync(channels[i % Connections], i, cancellationToken));
        }
        finally
        {
            Array.ForEach(channels, channel => channel.Dispose());
        }
    }

    /// <summary>The same, each over a new connection.</summary>
    public Task<double> RunConnectingAsync(TimeSpan duration, int callers, CancellationToken cancellationToken) =>
        MeasureAsync(duration, callers, async (i, _) =>
        {
            using var channel = rig.Connect();
            await FetchAsync(channel, i, cancellationToken);
        });

    /// <summary>
    /// Fetches at a steady rate. Latencies count from when a fetch was due, so that a stall is felt by all that come due
    /// in it.
    /// </summary>
    public async Task<Samples> RunSteadilyAsync(int perSecond, TimeSpan duration, int callers, CancellationToken cancellationToken)
    {
        var channels = Open();
        var samples = new Samples();
        try
        {
            await MeasureAsync(duration, callers, async (i, clock) =>
            {
                var due = TimeSpan.FromSeconds((double)i / perSecond);
                if (due - clock.Elapsed is { } early && early > TimeSpan.Zero)
                    await Task.Delay(early, TimeProvider.System, cancellationToken);
                await FetchAsync(channels[i % Connections], i, cancellationToken);
                var took = clock.Elapsed - due;
                lock (samples)
                    samples.Add(took);
            });
            return samples;
        }
        finally
        {
            Array.ForEach(channels, channel => channel.Dispose());
        }
    }

    private GrpcChannel[] Open() => [.. Enumerable.Range(0, Connections).Select(_ => rig.Connect())];

    private async Task FetchAsync(GrpcChannel channel, int i, CancellationToken cancellationToken)
    {
        var answer = await new SecretBroker.SecretBrokerClient(channel)
            .FetchAsync(_request, _pods[i % _pods.Length], cancellationToken: cancellationToken);
        if (answer.Updates is not [{ Issued.Fields.Count: 2 }])
            throw new InvalidOperationException($"the broker answered: {answer}");
    }

    private async Task<double> MeasureAsync(TimeSpan duration, int callers, Func<int, Stopwatch, Task> work)
    {
        var (next, times) = (-1, 0);
        var (broker, client) = (rig.CpuTime, Environment.CpuUsage.TotalTime);
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(async () =>
        {
            while (clock.Elapsed < duration)
            {
                await work(Interlocked.Increment(ref next), clock);
                Interlocked.Increment(ref times);
            }
        })));
        var elapsed = clock.Elapsed;
        CpuTime = ((rig.CpuTime - broker) / times, (Environment.CpuUsage.TotalTime - client) / times);
        return times / elapsed.TotalSeconds;
    }
}
