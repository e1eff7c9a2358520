using System.Diagnostics;
using SidecarAgent.Quickstart.Installation;
using SidecarAgent.Quickstart.PodRunner;

namespace SidecarAgent.Benchmarks;

/// <summary>A real webhook on loopback, and connections that ask it the same question over and over.</summary>
internal sealed class ReviewRig : IAsyncDisposable
{
    private readonly LocalInstallation _installation;
    private readonly Server _server;
    private readonly List<ReviewConnection> _connections = [];

    private ReviewRig(LocalInstallation installation)
    {
        _installation = installation;
        // Its log goes to a file: reading a line for each review took nearly half of what asking took.
        var (program, arguments, environment) = installation.Webhook.Plan;
        var log = Path.Combine(installation.Work.Logs, "webhook-under-load.log");
        _server = new Server(
            "webhook", new LaunchPlan("/bin/sh", ["-c", "exec \"$0\" \"$@\" >\"$LOG\"", program, .. arguments],
                new Dictionary<string, string>(environment) { ["LOG"] = log }),
            new Uri(installation.Webhook.MetricsAddress, "/readyz"), installation.Work.Logs, TimeProvider.System);
    }

    public int ProcessId => _server.ProcessId!.Value;

    /// <summary>What the webhook's process has computed since it began, on all cores.</summary>
    public TimeSpan CpuTime => ProcessorTime.Of(ProcessId);

    /// <summary>The same of this process, which asks.</summary>
    public static TimeSpan OwnCpuTime => ProcessorTime.Of(Environment.ProcessId);

    /// <summary>From the start of the process to its first ready answer.</summary>
    public TimeSpan StartedIn { get; private set; }

    public static async Task<ReviewRig> StartAsync(int connections, CancellationToken cancellationToken)
    {
        var rig = new ReviewRig(await LocalInstallation.PrepareAsync(Programs.Locate(), [], TimeProvider.System, cancellationToken));
        try
        {
            await rig.StartWebhookAsync(connections, cancellationToken);
            return rig;
        }
        catch
        {
            await rig.DisposeAsync();
            throw;
        }
    }

    /// <summary>Asks so many times, on all connections as fast as they go.</summary>
    /// <returns>How long it took.</returns>
    public async Task<TimeSpan> AskAsync(byte[] review, int times, CancellationToken cancellationToken)
    {
        var request = ReviewConnection.Request(review);
        var left = times;
        var clock = Stopwatch.StartNew();
        await OnEachAsync(
            connection =>
            {
                while (Interlocked.Decrement(ref left) >= 0 && !cancellationToken.IsCancellationRequested)
                    connection.Ask(request);
            });
        cancellationToken.ThrowIfCancellationRequested();
        return clock.Elapsed;
    }

    /// <summary>
    /// Asks at a steady rate. Latencies count from when a question was due, so that a stall is felt by all that come due
    /// in it.
    /// </summary>
    public async Task<Samples> AskSteadilyAsync(byte[] review, int perSecond, TimeSpan duration, CancellationToken cancellationToken)
    {
        var request = ReviewConnection.Request(review);
        var times = (int)(perSecond * duration.TotalSeconds);
        var samples = new Samples();
        var next = -1;
        var clock = Stopwatch.StartNew();
        await OnEachAsync(
            connection =>
            {
                for (var i = Interlocked.Increment(ref next); i < times; i = Interlocked.Increment(ref next))
                {
                    var due = TimeSpan.FromSeconds((double)i / perSecond);
                    if (due - clock.Elapsed is { } early && early > TimeSpan.Zero && cancellationToken.WaitHandle.WaitOne(early))
                        return;
                    // A wait is in whole milliseconds: who asks early is answered early.
                    var since = due < clock.Elapsed ? due : clock.Elapsed;
                    connection.Ask(request);
                    lock (samples)
                        samples.Add(clock.Elapsed - since);
                }
            });
        cancellationToken.ThrowIfCancellationRequested();
        return samples;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in _connections)
            connection.Dispose();
        await _server.DisposeAsync();
        await _installation.DisposeAsync();
    }

    /// <summary>Each connection on a thread of its own, because it blocks.</summary>
    private Task OnEachAsync(Action<ReviewConnection> work) => Task.WhenAll(_connections.Select(connection => Task.Factory.StartNew(
        () => work(connection), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));

    private async Task StartWebhookAsync(int connections, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        await _server.StartAsync(cancellationToken);
        StartedIn = clock.Elapsed;
        for (var i = 0; i < connections; i++)
            _connections.Add(ReviewConnection.Open(_installation.Webhook.Address, _installation.Webhook.CaFile));
    }
}
