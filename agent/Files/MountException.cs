namespace SidecarAgent.Agent.Files;

/// <summary>
/// The mount cannot be used, or a set of files could not be written. The message is one sentence for the application
/// developer: what is wrong, with which name, and what to do. What was there before is still there, whole.
/// </summary>
internal sealed class MountException : IOException
{
    public MountException(string message)
        : base(message)
    {
    }

    public MountException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
