namespace SidecarAgent.Agent.Commands;

/// <summary>What the process says by its end. Part of the contract with manifests.</summary>
internal static class ExitCode
{
    public const int Done = 0;

    /// <summary>One line on standard error says why.</summary>
    public const int Failed = 1;

    /// <summary>Of the file, the variable or the command line.</summary>
    public const int BadConfiguration = 2;

    /// <summary>The broker says that this workload may not have a secret.</summary>
    public const int Denied = 3;

    /// <summary>The broker was not reached, or the files did not come, in time.</summary>
    public const int TimedOut = 4;
}
