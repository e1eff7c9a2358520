using System.Diagnostics.CodeAnalysis;

namespace SidecarAgent.Agent.Reload;

/// <summary>
/// Whom to tell that files changed: <c>signal:HUP:nginx</c> sends a signal to a process by its name, <c>http:8080/-/reload</c>
/// is a POST to 127.0.0.1. Two that say the same are equal, so that a target is told once per generation.
/// </summary>
internal abstract record Notification
{
    /// <param name="text">As the configuration says it.</param>
    /// <param name="notification">When the answer is true.</param>
    /// <param name="problem">When the answer is false; continues a sentence that begins with the text.</param>
    public static bool TryParse(
        string text, [NotNullWhen(true)] out Notification? notification, [NotNullWhen(false)] out string? problem)
    {
        (notification, problem) = text.Split(':', 3) switch
        {
            ["signal", var signal, var process] => SignalNotification.Parse(signal, process),
            ["http", ..] => HttpNotification.Parse(text["http:".Length..]),
            _ => ((Notification?)null, "must be signal:NAME:PROCESS or http:PORT/PATH"),
        };
        return notification is not null;
    }
}
