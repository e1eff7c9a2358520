namespace SidecarAgent.Agent.Reload;

/// <param name="Signal">One that programs use to mean "look again".</param>
/// <param name="Process">As /proc/PID/comm names it; the kernel keeps 15 bytes.</param>
internal sealed record SignalNotification(SignalName Signal, string Process) : Notification
{
    /// <summary>How much of a process's name the kernel keeps (TASK_COMM_LEN without the final zero).</summary>
    public const int MaxCommLength = 15;

    public override string ToString() => $"signal:{Signal}:{Process}";

    internal static (Notification? Parsed, string? Problem) Parse(string signal, string process)
    {
        if (!Enum.TryParse<SignalName>(signal, out var name) || !Enum.IsDefined(name) || char.IsDigit(signal[0]))
            return (null, $"names no signal that can be sent: use one of {string.Join(", ", Enum.GetNames<SignalName>())}");
        if (process.Length == 0 || process.Any(character => character is <= ' ' or > '~' or '/'))
            return (null, "must name the process as 'ps -o comm' shows it, without spaces or slashes");
        if (process is "pause" or "sidecar-agent")
            return (null, $"must not name '{process}': it is part of the pod, not of the application");
        return (new SignalNotification(name, process), null);
    }
}
