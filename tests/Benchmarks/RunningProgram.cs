using SidecarAgent.Quickstart.Installation;
using SidecarAgent.Quickstart.PodRunner;

namespace SidecarAgent.Benchmarks;

/// <summary>A program that is measured. It never outlives the measurement.</summary>
internal sealed class RunningProgram : IAsyncDisposable
{
    private readonly LaunchPlan _plan;
    private readonly ProcessOutput _output = new(path: null, TimeProvider.System);
    private readonly LocalProcess _process;

    public RunningProgram(LaunchPlan plan)
    {
        _plan = plan;
        _process = LocalProcess.Start(plan, _output);
    }

    public int Id => _process.Id;

    /// <exception cref="InvalidOperationException">It ended with another code than 0.</exception>
    public async Task WaitForSuccessAsync(CancellationToken cancellationToken)
    {
        if (await _process.Exit.WaitAsync(cancellationToken) != 0)
            throw await FailureAsync();
    }

    /// <exception cref="InvalidOperationException">It ended, although it should run.</exception>
    public async Task MustRunAsync()
    {
        if (_process.Exit.IsCompleted)
            throw await FailureAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _output.Dispose();
    }

    private async Task<InvalidOperationException> FailureAsync() =>
        new($"{_plan.Program} ended with code {await _process.Exit}; its last lines:\n{LogTail.Of(_output)}");
}
