using System.Runtime.InteropServices;
using SidecarAgent.Agent;
using SidecarAgent.Agent.Reload;

namespace SidecarAgent.ProjectionHost;

/// <summary>What the agent does to other processes and to itself, done by a process that a test may start as it likes.</summary>
internal static partial class SignalHost
{
    private const int GetDumpable = 3;

    /// <summary>Sends a signal that does nothing to a program that does not ask for it; tells how many got it, or why none.</summary>
    public static int Send(string process)
    {
        try
        {
            Console.WriteLine(ProcessSignals.Send(new SignalNotification(SignalName.WINCH, process)));
            return 0;
        }
        catch (NotificationException error)
        {
            Console.WriteLine(error.Message);
            return 1;
        }
    }

    /// <summary>Hardens itself; tells whether it is dumpable (0: it is not), and its limit of core dumps.</summary>
    public static int Harden()
    {
        Hardening.KeepMemoryPrivate();
        Console.WriteLine(ProcessControl(GetDumpable, 0, 0, 0, 0));
        Console.WriteLine(File.ReadLines("/proc/self/limits").First(line => line.StartsWith("Max core file size", StringComparison.Ordinal)));
        return 0;
    }

    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int ProcessControl(int option, nuint unused2, nuint unused3, nuint unused4, nuint unused5);
}
