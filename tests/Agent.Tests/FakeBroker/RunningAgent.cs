using System.Text;
using SidecarAgent.Agent.Commands;
using SidecarAgent.Agent.Configuration;
using SidecarAgent.Agent.Telemetry;

namespace SidecarAgent.Agent.Tests.FakeBroker;

/// <summary><c>sidecar-agent run</c> in this process.</summary>
internal sealed class RunningAgent : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly AgentSession _session;
    private readonly CapturedLog _log;
    private readonly int _linesBefore;
    private readonly Task _running;
    private readonly ConfigurationSource _source;

    /// <param name="read">Asked when the configuration is read again.</param>
    /// <param name="log">Gets every line.</param>
    /// <param name="time">Of everything.</param>
    public RunningAgent(Func<AgentOptions> read, CapturedLog log, TimeProvider time)
    {
        var options = read();
        _source = new ConfigurationSource(read, level => LogOptions = level);
        _log = log;
        _linesBefore = log.Lines.Count;
        _session = AgentSession.Open(options, log, time);
        _running = RunCommand.SuperviseAsync(options, _source, _session, _stopping.Token);
    }

    public bool HasEnded { get; private set; }

    /// <summary>Ends when the agent ends by itself, as it only does when something is broken.</summary>
    public Task Running => _running;

    /// <summary>Waits until it ends by itself, and throws what it ended of.</summary>
    public async Task EndedAsync()
    {
        HasEnded = true;
        using (_session)
            await _running;
    }

    /// <summary>What the log was last told to be; null: nothing since the start.</summary>
    public LogOptions? LogOptions { get; private set; }

    /// <summary>As at SIGHUP.</summary>
    public void Reload() => _source.Ask();

    /// <summary>As at SIGTERM.</summary>
    public async Task StopAsync()
    {
        await HaltAsync();
        await RunCommand.EndAsync(_session);
        _session.Dispose();
    }

    /// <summary>As at kill -9: nothing is released, nothing is scrubbed.</summary>
    public async Task CrashAsync()
    {
        await HaltAsync();
        _session.Dispose();
    }

    public async Task<string> GetAsync(string path)
    {
        using var http = new HttpClient();
        using var answer = await http.GetAsync(new Uri(await AddressAsync(), path));
        return await answer.Content.ReadAsStringAsync();
    }

    public async Task<Readiness> ReadinessAsync() =>
        Readiness.Parse(Encoding.UTF8.GetBytes(await GetAsync("/readyz")));

    /// <summary>Asks until the answer is this: a log line may come a moment before it.</summary>
    public async Task<Readiness> ReadinessAsync(Func<Readiness, bool> isExpected)
    {
        using var hung = new CancellationTokenSource(TimeSpan.FromSeconds(60), TimeProvider.System);
        while (true)
        {
            hung.Token.ThrowIfCancellationRequested();
            var readiness = await ReadinessAsync();
            if (isExpected(readiness))
                return readiness;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!HasEnded)
            await CrashAsync();
        _stopping.Dispose();
    }

    private async Task<Uri> AddressAsync()
    {
        var line = await _log.WaitForAsync("Serving /metrics", _linesBefore);
        return new Uri(line[(line.LastIndexOf(' ') + 1)..]);
    }

    private async Task HaltAsync()
    {
        HasEnded = true;
        await _stopping.CancelAsync();
        await _running;
    }
}
