using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace SidecarAgent.Testing.Servers;

/// <summary>
/// A real server that a test starts for itself. It is killed at the end, and also when the process of the tests dies:
/// a shell between the two waits for the end of its standard input.
/// </summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    // A session of its own, so that its children are killed with it.
    private const string KilledWithUs =
        "exec 3<&0; setsid \"$@\" </dev/null 3<&- & server=$!; (read -r _ <&3; kill -s KILL -- -$server 2>/dev/null) & wait $server";

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ServerProcess(Process process, string ready)
    {
        _process = process;
        _process.OutputDataReceived += (_, line) => Read(line.Data, ready);
        _process.ErrorDataReceived += (_, line) => Read(line.Data, ready);
        _process.Exited += (_, _) => _ready.TrySetException(new InvalidOperationException($"It ended:\n{Output}"));
        _process.EnableRaisingEvents = true;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>All that it has printed, its log included.</summary>
    public string Output => string.Join('\n', _output);

    /// <summary>Starts a server and waits until it prints a line that holds <paramref name="ready"/>.</summary>
    /// <param name="user">Whom it runs as when the tests run as root; null: the same.</param>
    public static async Task<ServerProcess> StartAsync(
        string? user, string ready, IReadOnlyDictionary<string, string> environment, params string[] command)
    {
        var start = new ProcessStartInfo("/bin/sh", ["-c", KilledWithUs, "sh", .. As(user, command)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        var server = new ServerProcess(Process.Start(start)!, ready);
        try
        {
            await server._ready.Task.WaitAsync(TimeSpan.FromSeconds(60));
            return server;
        }
        catch (Exception e)
        {
            await server.DisposeAsync();
            throw new InvalidOperationException($"{command[0]} did not come up: {server.Output}", e);
        }
    }

    /// <summary>Runs a command to its end.</summary>
    /// <returns>What it printed.</returns>
    public static async Task<string> RunAsync(string? user, params string[] command)
    {
        var line = As(user, command);
        using var process = Process.Start(new ProcessStartInfo(line[0], line[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        var printed = await output + await errors;
        return process.ExitCode == 0
            ? printed
            : throw new InvalidOperationException($"{string.Join(' ', command)} ended with {process.ExitCode}: {printed}");
    }

    /// <summary>The path of a program, or an exception with the line that installs it.</summary>
    public static string Find(string package, params string[] candidates) =>
        candidates.SelectMany(Expand).FirstOrDefault(File.Exists)
        ?? throw new InvalidOperationException(
            $"{candidates[0]} is not installed, and this test tries the real one. Install it with: apt-get install -y {package}");

    /// <summary>A port that is free now. The server takes it a moment later; whoever else took it makes its start fail.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Gives a directory, with all in it, to the user that the server runs as.</summary>
    public static Task GiveAsync(string directory, string user) =>
        Environment.UserName == "root" ? RunAsync(null, "chown", "-R", $"{user}:", directory) : Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    // PostgreSQL and RabbitMQ refuse to run as root, so the tests of a root user run them as their Debian user.
    private static string[] As(string? user, string[] command) =>
        user is null || Environment.UserName != "root"
            ? command
            : ["setpriv", $"--reuid={user}", $"--regid={user}", "--clear-groups", "--", .. command];

    private static IEnumerable<string> Expand(string candidate)
    {
        if (!candidate.Contains('*'))
            return [candidate];
        var before = candidate[..candidate.IndexOf('*')];
        return Directory.Exists(before)
            ? Directory.EnumerateDirectories(before).OrderDescending().Select(directory => directory + candidate[(before.Length + 1)..])
            : [];
    }

    private void Read(string? line, string ready)
    {
        if (line is null)
            return;
        _output.Enqueue(line);
        if (line.Contains(ready, StringComparison.Ordinal))
            _ready.TrySetResult();
    }
}
