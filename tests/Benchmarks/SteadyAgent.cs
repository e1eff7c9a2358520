namespace SidecarAgent.Benchmarks;

/// <summary><c>sidecar-agent run</c> with so many secrets, whose first files are there.</summary>
internal sealed class SteadyAgent : IAsyncDisposable
{
    private readonly HttpClient _http = new();
    private readonly RunningProgram _program;
    private readonly WatchedFile _file;
    private readonly Uri _pages;

    private SteadyAgent(RunningProgram program, WatchedFile file, Uri pages)
    {
        _program = program;
        _file = file;
        _pages = pages;
    }

    public static async Task<SteadyAgent> StartAsync(Rig rig, int secrets, CancellationToken cancellationToken)
    {
        var mount = rig.NewMount($"steady-{secrets}");
        var files = await rig.PutManyAsync(secrets, cancellationToken);
        var listen = Rig.FreeAddress();
        var configuration = await rig.AgentConfigurationAsync(mount, files, cancellationToken, listen);
        var file = new WatchedFile(mount, Rig.Mark);
        var agent = new SteadyAgent(rig.StartAgent("run", configuration), file, new Uri($"http://{listen}"));
        try
        {
            await file.WaitForAsync("-0", cancellationToken);
            return agent;
        }
        catch
        {
            await agent.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until the file of the first secret ends like this.</summary>
    public Task WaitForAsync(string mark, CancellationToken cancellationToken) => _file.WaitForAsync(mark, cancellationToken);

    public async Task<ProcessMemory> MemoryAsync()
    {
        await _program.MustRunAsync();
        return ProcessMemory.Of(_program.Id);
    }

    public async Task<TimeSpan> ProcessorTimeAsync()
    {
        await _program.MustRunAsync();
        return ProcessorTime.Of(_program.Id);
    }

    /// <summary>What a cluster asks all the time: is it ready, and how is it.</summary>
    public async Task AskAsync(CancellationToken cancellationToken)
    {
        foreach (var page in new[] { "/readyz", "/metrics" })
            await _http.GetByteArrayAsync(new Uri(_pages, page), cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _program.DisposeAsync();
        _file.Dispose();
        _http.Dispose();
    }
}
