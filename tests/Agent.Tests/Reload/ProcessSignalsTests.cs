using System.Diagnostics;
using SidecarAgent.Agent.Reload;
using SidecarAgent.Agent.Tests.Files;
using SidecarAgent.Testing;

namespace SidecarAgent.Agent.Tests.Reload;

/// <summary>Real processes under names that nobody else has; a copy of the shell carries the name.</summary>
public sealed class ProcessSignalsTests : IDisposable
{
    /// <summary>A minute, so that nothing stays for ever of a test that fails.</summary>
    private const string Loop = "i=0; while [ $((i=i+1)) -lt 1200 ]; do sleep 0.05; done";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TempDirectory _directory = TempDirectory.Create();
    private readonly List<Process> _processes = [];
    private readonly string _name = $"sa{Guid.NewGuid():N}"[..13];

    [Fact]
    public async Task A_process_is_found_by_its_name_and_hears_the_signal()
    {
        var process = await StartAsync($"trap 'echo heard; exit' HUP; echo ready; {Loop}");

        Assert.Equal(1, ProcessSignals.Send(Signal(SignalName.HUP)));

        Assert.Equal("heard", await process.StandardOutput.ReadLineAsync().WaitAsync(Patience));
    }

    /// <summary>A worker would die of it, with status 129: the default of HUP is to end the process.</summary>
    [Fact]
    public async Task A_server_s_workers_are_left_to_their_master()
    {
        var worker = $"{_directory.File(_name)} -c '{Loop}'";
        var master = await StartAsync(
            $"trap 'kill -TERM $worker; wait $worker; echo $?; exit' HUP; {worker} & worker=$!; echo ready; {Loop}");

        Assert.Equal(1, ProcessSignals.Send(Signal(SignalName.HUP)));

        Assert.Equal("143", await master.StandardOutput.ReadLineAsync().WaitAsync(Patience));
    }

    [Fact]
    public void Nobody_of_that_name_is_an_error_that_says_what_to_look_for()
    {
        var error = Assert.Throws<NotificationException>(() => ProcessSignals.Send(Signal(SignalName.HUP)));

        Assert.Contains($"no process is named '{_name}'", error.Message, StringComparison.Ordinal);
        Assert.Contains("shareProcessNamespace", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_agent_never_signals_itself_or_the_first_process()
    {
        var own = File.ReadAllText("/proc/self/comm").Trim();
        var first = File.ReadAllText("/proc/1/comm").Trim();
        var self = Process.GetProcesses().Where(process => process.ProcessName == own && process.Id != Environment.ProcessId);

        // WINCH does nothing to a process that does not ask for it, so a test that fails does no harm.
        if (!self.Any())
            Assert.Throws<NotificationException>(() => ProcessSignals.Send(new SignalNotification(SignalName.WINCH, own)));
        if (Process.GetProcesses().Count(process => process.ProcessName == first) == 1)
            Assert.Throws<NotificationException>(() => ProcessSignals.Send(new SignalNotification(SignalName.WINCH, first)));
    }

    /// <summary>Its own process 1 is a container's main process where the namespace is not shared: not the agent's to signal.</summary>
    [Fact]
    public void Process_1_is_never_signalled_even_if_it_has_the_name()
    {
        File.Copy("/bin/sh", _directory.File(_name));

        using var host = new HostProcess(
            ["unshare", "--map-root-user", "--pid", "--fork", "--mount-proc", _directory.File(_name), "-c", "\"$0\" \"$@\"; true"],
            ["signal", _name]);

        Assert.StartsWith($"no process is named '{_name}'", host.ReadLine(), StringComparison.Ordinal);
    }

    /// <summary>Needs root, to be somebody else; setpriv(1) is in util-linux.</summary>
    [Fact]
    public async Task A_process_of_another_user_is_an_error_that_says_what_to_do()
    {
        Assert.True(Environment.IsPrivilegedProcess, "run this test as root: it starts a child as another user");
        await StartAsync($"echo ready; {Loop}");

        using var host = new HostProcess(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"], ["signal", _name]);

        Assert.EndsWith(
            $"('{_name}') runs as another user: the agent must run as the application's user", host.ReadLine(), StringComparison.Ordinal);
        Assert.Equal(1, host.WaitForExit());
    }

    public void Dispose()
    {
        foreach (var process in _processes)
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
            process.Dispose();
        }

        _directory.Dispose();
    }

    private SignalNotification Signal(SignalName name) => new(name, _name);

    private async Task<Process> StartAsync(string script)
    {
        File.Copy("/bin/sh", _directory.File(_name));
        var process = Process.Start(new ProcessStartInfo(_directory.File(_name), ["-c", script]) { RedirectStandardOutput = true })!;
        _processes.Add(process);
        Assert.Equal("ready", await process.StandardOutput.ReadLineAsync().WaitAsync(Patience));
        return process;
    }
}
