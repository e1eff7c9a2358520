using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;
using SidecarAgent.Webhook.Configuration;
using SidecarAgent.Webhook.Tests.Kit;

namespace SidecarAgent.Webhook.Tests.Configuration;

public sealed class SupervisedRunTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly FakeTimeProvider _time = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_loop_that_fails_unforeseen_ends_the_program_with_its_failure()
    {
        var waits = new TaskCompletionSource();
        var watch = new FileWatch([_directory.Write("file", "x")], _ => throw new NotSupportedException("a mistake"));
        using var host = Host(watch);
        host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStarted.Register(waits.SetResult);

        var run = SupervisedRun.UntilStoppedAsync(host, CancellationToken.None);
        await waits.Task;
        while (!run.IsCompleted)
        {
            _time.Advance(TimeSpan.FromSeconds(10));
            await Task.Yield();
        }

        Assert.Equal("a mistake", (await Assert.ThrowsAsync<NotSupportedException>(() => run)).Message);
    }

    [Fact]
    public async Task A_run_that_is_told_to_stop_ends_well()
    {
        using var stop = new CancellationTokenSource();
        using var host = Host(new FileWatch([_directory.Write("file", "x")], _ => { }));
        host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStarted.Register(stop.Cancel);

        await SupervisedRun.UntilStoppedAsync(host, stop.Token);
    }

    private IHost Host(FileWatch watch)
    {
        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddHostedService(_ => new ReloadLoop([watch], _time, new SaidLines<ReloadLoop>(new SaidLines())));
        return builder.Build();
    }
}
