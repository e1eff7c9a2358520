using System.Diagnostics;

namespace SidecarAgent.Broker.Tests;

/// <summary>A program of the same user reads nothing of the broker's memory, where the keys are.</summary>
public sealed class HardeningTests : IAsyncLifetime
{
    private RunningBroker _broker = null!;

    public async Task InitializeAsync()
    {
        _broker = await RunningBroker.StartAsync();
        await _broker.StopAsync();
    }

    public Task DisposeAsync() => _broker.DisposeAsync().AsTask();

    [Fact]
    public async Task The_process_can_be_neither_dumped_nor_read_by_others_of_the_same_user()
    {
        using var broker = Start("dotnet", typeof(BrokerServer).Assembly.Location, "run", "--config", _broker.File("broker.yaml"));
        try
        {
            await broker.ServingAsync();

            var limits = File.ReadLines($"/proc/{broker.Id}/limits");
            Assert.Matches(@"^Max core file size\s+0\s+0\s", limits.Single(line => line.StartsWith("Max core", StringComparison.Ordinal)));
            // The kernel asks the same of who wants to read this as of who wants to attach.
            using var self = Start("cat", "/proc/self/environ");
            using var other = Start("cat", $"/proc/{broker.Id}/environ");
            await Task.WhenAll(self.WaitForExitAsync(), other.WaitForExitAsync());
            Assert.Equal((0, 1), (self.ExitCode, other.ExitCode));
            Assert.Contains("Permission denied", await other.StandardError.ReadToEndAsync(), StringComparison.Ordinal);
        }
        finally
        {
            broker.Kill();
        }
    }

    /// <summary>As root without its rights, one of which is to read everybody's memory.</summary>
    private static Process Start(string program, params string[] arguments)
    {
        string[] asAnybody = Environment.IsPrivilegedProcess ? ["setpriv", "--bounding-set=-all"] : [];
        string[] line = [.. asAnybody, program, .. arguments];
        return Process.Start(new ProcessStartInfo(line[0], line[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
    }
}
