using Mono.Unix.Native;

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

    /// <param name="action">What was tried, such as <c>create directory x in /secrets</c>.</param>
    /// <param name="error">What the kernel answered.</param>
    public MountException(string action, Errno error)
        : base($"cannot {action}: {Explain(error)}")
    {
        Error = error;
    }

    /// <summary>What the kernel answered; 0 where it was not asked.</summary>
    public Errno Error { get; }

    /// <summary>Whether there was no room: bytes, inodes or quota.</summary>
    public bool IsFull => Error is Errno.ENOSPC or Errno.EDQUOT;

    private static string Explain(Errno error) => error switch
    {
        Errno.EACCES or Errno.EPERM => $"the agent's user ({Syscall.geteuid()}) may not do that ({error})",
        Errno.EROFS => "it is mounted read-only for the agent (EROFS)",
        Errno.ELOOP => "it is a symbolic link, which is not followed (ELOOP)",
        _ => $"{Stdlib.strerror(error)} ({error})",
    };
}
