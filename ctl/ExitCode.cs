namespace SidecarAgent.Ctl;

/// <summary>How the program ends; the numbers are the agent's too, and scripts rely on them.</summary>
internal enum ExitCode
{
    Done = 0,

    /// <summary>It did not work; one line on standard error says what and what to do.</summary>
    Failed = 1,

    /// <summary>What was typed cannot be meant, or the broker says so.</summary>
    Usage = 2,

    /// <summary>The broker does not accept the caller as an operator.</summary>
    Denied = 3,

    /// <summary>The broker was not reached, or did not answer in time.</summary>
    NotReached = 4,
}
