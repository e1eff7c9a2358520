namespace SidecarAgent.Ctl;

/// <summary>A command ends here. The message is the one line that the operator reads: what, and what to do.</summary>
internal sealed class CommandFailedException(ExitCode code, string message, Exception? cause = null)
    : Exception(message, cause)
{
    public ExitCode Code { get; } = code;

    /// <summary>What was typed cannot be meant.</summary>
    public static CommandFailedException Usage(string message) => new(ExitCode.Usage, message);

    public static CommandFailedException Failed(string message, Exception? cause = null) =>
        new(ExitCode.Failed, message, cause);
}
