using System.Runtime.InteropServices;
using System.Text;

namespace SidecarAgent.Agent.Reload;

/// <summary>Sends signals to processes of the pod by name, in a process namespace that its containers share.</summary>
internal static partial class ProcessSignals
{
    private const int NotPermitted = 1;
    private const int NoSuchProcess = 3;

    /// <summary>
    /// Signals each process of that name whose parent is not of that name too: a server's workers hear from their master,
    /// and many a worker would die of a signal that its master takes as "reload".
    /// </summary>
    /// <returns>How many were signalled; at least one.</returns>
    /// <exception cref="NotificationException">There is none, or the agent's user may not signal it.</exception>
    public static int Send(SignalNotification notification)
    {
        var comm = Truncated(notification.Process);
        var named = Processes().Where(process => process.Comm == comm).ToList();
        var masters = named.Where(process => !named.Exists(other => other.Id == process.Parent)).ToList();
        var told = masters.Count(process => Signal(process.Id, notification));
        return told > 0 ? told : throw new NotificationException(
            $"no process is named '{notification.Process}': the pod must share its process namespace " +
            "(shareProcessNamespace: true), and the name must be what 'ps -o comm' shows");
    }

    /// <summary>The first bytes of a name that the kernel keeps; names are ASCII here.</summary>
    private static string Truncated(string name) =>
        name.Length <= SignalNotification.MaxCommLength ? name : name[..SignalNotification.MaxCommLength];

    /// <summary>Every process but process 1, which is the pod's pause container or an init, and the agent itself.</summary>
    private static IEnumerable<RunningProcess> Processes()
    {
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory), out var id)
                && id != 1
                && id != Environment.ProcessId
                && RunningProcess.Read(id) is { } process)
            {
                yield return process;
            }
        }
    }

    private static bool Signal(int process, SignalNotification notification)
    {
        if (Kill(process, (int)notification.Signal) == 0)
            return true;
        return Marshal.GetLastPInvokeError() switch
        {
            NoSuchProcess => false,
            NotPermitted => throw new NotificationException(
                $"process {process} ('{notification.Process}') runs as another user: the agent must run as the application's user"),
            var error => throw new NotificationException(
                $"process {process} ('{notification.Process}') could not be signalled: {Marshal.GetPInvokeErrorMessage(error)}"),
        };
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int process, int signal);

    private sealed record RunningProcess(int Id, int Parent, string Comm)
    {
        /// <summary>From /proc/PID/stat: "PID (COMM) STATE PPID ..."; comm may hold any byte, so the last ')' ends it.</summary>
        /// <returns>Null when it has ended meanwhile.</returns>
        public static RunningProcess? Read(int id)
        {
            string stat;
            try
            {
                stat = Encoding.Latin1.GetString(File.ReadAllBytes($"/proc/{id}/stat"));
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                return null;
            }

            var open = stat.IndexOf('(', StringComparison.Ordinal);
            var close = stat.LastIndexOf(')');
            var rest = stat[(close + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            return open > 0 && close > open && rest is [_, var parent, ..]
                ? new RunningProcess(id, int.Parse(parent, System.Globalization.CultureInfo.InvariantCulture), stat[(open + 1)..close])
                : null;
        }
    }
}
