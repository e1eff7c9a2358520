namespace SidecarAgent.Agent.Commands;

/// <summary>A command ends without success. The message is the line on standard error.</summary>
internal sealed class CommandException(int exitCode, string message) : Exception(message)
{
    public int ExitCode { get; } = exitCode;
}
