using Mono.Unix.Native;

namespace SidecarAgent.Quickstart.PodRunner;

/// <summary>One container: its process, started again by the restart rule until it is stopped.</summary>
internal sealed class ContainerRun : IAsyncDisposable
{
    private readonly LaunchPlan _plan;
    private readonly LaunchPlan? _postStart;
    private readonly Func<int, bool> _startsAgain;
    private readonly PodRunOptions _options;
    private readonly Action<string> _report;
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private LocalProcess? _process;

    /// <param name="postStart">Runs to its end after each start, before the container counts as started.</param>
    /// <param name="startsAgain">Whether to start it again after this exit code.</param>
    /// <param name="report">Told of ends and restarts.</param>
    public ContainerRun(
        string name,
        LaunchPlan plan,
        LaunchPlan? postStart,
        MountPaths mounts,
        Func<int, bool> startsAgain,
        PodRunOptions options,
        Action<string> report)
    {
        Name = name;
        Mounts = mounts;
        _plan = plan;
        _postStart = postStart;
        _startsAgain = startsAgain;
        _options = options;
        _report = report;
        Output = new ProcessOutput(
            Path.Combine(options.LogDirectory, name + ".log"), options.Time, line => options.OnLine(name, line));
    }

    public string Name { get; }

    public MountPaths Mounts { get; }

    public ProcessOutput Output { get; }

    public int Restarts { get; private set; }

    /// <summary>The process that runs now, or ran last; null before the first start.</summary>
    public int? ProcessId => _process?.Id;

    /// <summary>Completes when the process that runs now has ended.</summary>
    public Task Exit => _process?.Exit ?? Task.CompletedTask;

    /// <summary>The container has started once, and its postStart command has succeeded.</summary>
    public Task Started => _started.Task;

    /// <summary>The exit code of the last run, when there will be no more.</summary>
    public Task<int> Completion { get; private set; } = Task.FromResult(0);

    public void Start() => Completion = SuperviseAsync(_stopping.Token);

    /// <summary>As an operator's <c>kill</c>: the restart rule decides what comes next.</summary>
    public void Send(Signum signal) => _process?.Send(signal);

    /// <summary>SIGTERM, then after the grace period SIGKILL; it is not started again.</summary>
    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await ((Task)Completion).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Output.Dispose();
        _stopping.Dispose();
    }

    private async Task<int> SuperviseAsync(CancellationToken stopping)
    {
        try
        {
            while (true)
            {
                var exitCode = await RunOnceAsync(stopping);
                if (stopping.IsCancellationRequested || _options.Ending.IsCancellationRequested || !_startsAgain(exitCode))
                    return exitCode;
                var delay = RestartRule.Delay(Restarts, _options.FirstRestartDelay);
                _report($"{Name} ended with code {exitCode} and starts again in {delay.TotalSeconds:0.#} s");
                await Task.Delay(delay, _options.Time, stopping);
                Restarts++;
            }
        }
        catch (Exception e)
        {
            _started.TrySetException(e);
            throw;
        }
    }

    // The process belongs to this call: nobody else ends it, so that a stop and a restart cannot miss each other.
    private async Task<int> RunOnceAsync(CancellationToken stopping)
    {
        stopping.ThrowIfCancellationRequested();
        await using var process = LocalProcess.Start(_plan, Output);
        _process = process;
        var stopRequested = Task.Delay(Timeout.InfiniteTimeSpan, _options.Time, stopping);
        if (await PostStartSucceedsAsync(process.Exit, stopRequested))
        {
            _started.TrySetResult();
            await Task.WhenAny(process.Exit, stopRequested);
        }

        return await process.StopAsync(_options.Grace, _options.Time);
    }

    private async Task<bool> PostStartSucceedsAsync(Task containerExit, Task stopRequested)
    {
        if (_postStart is null)
            return true;
        await using var hook = LocalProcess.Start(_postStart, Output);
        await Task.WhenAny(hook.Exit, containerExit, stopRequested);
        if (!hook.Exit.IsCompleted)
            return false;
        var exitCode = await hook.Exit;
        if (exitCode != 0)
            _report($"the postStart command of {Name} ended with code {exitCode}");
        return exitCode == 0;
    }
}
