namespace SidecarAgent.Quickstart.PodRunner;

/// <summary>
/// Runs a pod as processes of this machine, in the kubelet's order: init containers one after the other, native
/// sidecars among them as soon as their postStart command has ended, then the application's containers; at the end the
/// application first and the sidecars in reverse. There are no namespaces: see <see cref="MountPaths"/> and
/// <see cref="PortMap"/>; all containers run as the present user and see each other's processes.
/// </summary>
internal sealed class PodRun : IAsyncDisposable
{
    private readonly PodRunOptions _options;
    private readonly PodVolumes _volumes;
    private readonly ProcessOutput _events;
    private readonly List<(ContainerKind Kind, ContainerRun Run)> _containers = [];
    private readonly CancellationTokenSource _stopping = new();
    private Task _renewals = Task.CompletedTask;

    private PodRun(PodDefinition pod, PodRunOptions options)
    {
        Identity = pod.Identity;
        _options = options;
        _events = new ProcessOutput(
            Path.Combine(options.LogDirectory, "pod.log"), options.Time, line => options.OnLine("pod", line));
        _volumes = new PodVolumes(pod, options, _events.Add);
    }

    public PodIdentity Identity { get; }

    /// <summary>Completes when every application container has ended for good; with the highest exit code.</summary>
    public Task<int> Completion { get; private set; } = Task.FromResult(0);

    /// <summary>Works out everything that can be wrong with the pod before anything is started.</summary>
    /// <exception cref="InvalidPodException"/>
    public static PodRun Create(PodDefinition pod, PodRunOptions options)
    {
        var run = new PodRun(pod, options);
        foreach (var container in pod.InitContainers)
            run.Add(container.Sidecar ? ContainerKind.Sidecar : ContainerKind.Init, container, pod.RestartPolicy);
        foreach (var container in pod.Containers)
            run.Add(ContainerKind.Application, container, pod.RestartPolicy);
        return run;
    }

    /// <exception cref="InvalidPodException">There is no such container.</exception>
    public ContainerRun Container(string name) =>
        _containers.FirstOrDefault(container => container.Run.Name == name).Run
        ?? throw new InvalidPodException($"the pod has no container '{name}'");

    /// <summary>Returns when the application's containers have been started.</summary>
    /// <exception cref="PodFailedException">An init container failed for good.</exception>
    /// <exception cref="TokenIssueException">There is no token to begin with.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _renewals = await _volumes.PrepareAsync(_stopping.Token);
        foreach (var (kind, run) in _containers)
        {
            run.Start();
            if (kind == ContainerKind.Init)
                await RunToItsEndAsync(run, cancellationToken);
            else
                await run.Started.WaitAsync(cancellationToken);
        }

        Completion = CompleteAsync();
    }

    /// <summary>Ends the containers in the kubelet's order. The volumes stay until the run is disposed.</summary>
    public async Task StopAsync()
    {
        await Task.WhenAll(Runs(ContainerKind.Application).Select(run => run.StopAsync()));
        foreach (var run in Runs(ContainerKind.Sidecar).Concat(Runs(ContainerKind.Init)).Reverse())
            await run.StopAsync();
        await _stopping.CancelAsync();
        await _renewals.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        foreach (var (_, run) in _containers)
            await run.DisposeAsync();
        _volumes.Dispose();
        _events.Dispose();
        _stopping.Dispose();
    }

    private void Add(ContainerKind kind, ContainerDefinition container, RestartPolicy policy)
    {
        var image = _options.Images.GetValueOrDefault(container.Image)
            ?? throw new InvalidPodException(
                $"container '{container.Name}': nothing on this machine stands in for the image '{container.Image}'");
        var mounts = _volumes.MountsOf(container);
        _containers.Add((kind, new ContainerRun(
            container.Name,
            LaunchPlan.ForContainer(container, image, mounts, _options.Ports),
            container.PostStart.Count == 0 ? null : LaunchPlan.ForPostStart(container, image, mounts, _options.Ports),
            mounts,
            exitCode => RestartRule.StartsAgain(kind, policy, exitCode),
            _options,
            _events.Add)));
    }

    private static async Task RunToItsEndAsync(ContainerRun run, CancellationToken cancellationToken)
    {
        var exitCode = await run.Completion.WaitAsync(cancellationToken);
        if (exitCode != 0)
            throw new PodFailedException($"the init container '{run.Name}' ended with code {exitCode}");
    }

    private async Task<int> CompleteAsync()
    {
        var exitCodes = await Task.WhenAll(Runs(ContainerKind.Application).Select(run => run.Completion));
        return exitCodes.Append(0).Max();
    }

    private IEnumerable<ContainerRun> Runs(ContainerKind kind) =>
        _containers.Where(container => container.Kind == kind).Select(container => container.Run);
}
