using Mono.Unix.Native;
using SidecarAgent.Quickstart.PodRunner;

namespace SidecarAgent.Quickstart.Installation;

/// <summary>A long-running program of ours that can be stopped, killed and started again; one log for all its lives.</summary>
internal sealed class Server : IAsyncDisposable
{
    private static readonly TimeSpan StartsWithin = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StopsWithin = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(20);

    private readonly LaunchPlan _plan;
    private readonly Uri _ready;
    private readonly TimeProvider _time;
    private readonly HttpClient _http = new();
    private LocalProcess? _process;

    /// <param name="ready">Answers 200 over plain HTTP when the server can do its work.</param>
    public Server(string name, LaunchPlan plan, Uri ready, string logDirectory, TimeProvider time)
    {
        Name = name;
        _plan = plan;
        _ready = ready;
        _time = time;
        Output = new ProcessOutput(Path.Combine(logDirectory, name + ".log"), time);
    }

    public string Name { get; }

    public ProcessOutput Output { get; }

    /// <summary>Of the process that runs now, or ran last.</summary>
    public int? ProcessId => _process?.Id;

    /// <summary>Returns when the server is ready.</summary>
    /// <exception cref="InstallationException">It ended, or did not get ready in time; with the end of its log.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _process = LocalProcess.Start(_plan, Output);
        using var deadline = new CancellationTokenSource(StartsWithin, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            while (!await IsReadyAsync(either.Token))
            {
                if (_process.Exit.IsCompleted)
                    throw Failure($"ended with code {await _process.Exit}");
                await Task.Delay(BetweenLooks, _time, either.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw Failure($"was not ready after {StartsWithin.TotalSeconds} s");
        }
    }

    /// <summary>SIGTERM; SIGKILL if that does not help.</summary>
    public Task StopAsync() => _process?.StopAsync(StopsWithin, _time) ?? Task.CompletedTask;

    /// <summary>SIGKILL: what a power cut would do to it.</summary>
    public async Task KillAsync()
    {
        _process?.Send(Signum.SIGKILL);
        await (_process?.Exit ?? Task.FromResult(0));
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        if (_process is { } process)
            await process.DisposeAsync();
        Output.Dispose();
        _http.Dispose();
    }

    private async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var response = await _http.GetAsync(_ready, cancellationToken);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private InstallationException Failure(string what) => new($"{Name} {what}; its last lines:\n{LogTail.Of(Output)}");
}
