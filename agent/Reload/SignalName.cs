namespace SidecarAgent.Agent.Reload;

/// <summary>
/// Signals that may be sent, with their Linux numbers (the same on x86-64 and arm64). KILL and STOP are left out: they
/// tell a program nothing.
/// </summary>
internal enum SignalName
{
    HUP = 1,
    INT = 2,
    QUIT = 3,
    USR1 = 10,
    USR2 = 12,
    TERM = 15,
    WINCH = 28,
}
