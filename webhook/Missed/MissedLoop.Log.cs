namespace SidecarAgent.Webhook.Missed;

internal sealed partial class MissedLoop
{
    [LoggerMessage(LogLevel.Warning, "Pod {Namespace}/{Pod} asks for secrets and runs without the agent; an Event on it says so")]
    private partial void LogMissed(string @namespace, string pod);

    [LoggerMessage(LogLevel.Warning, "Pod {Namespace}/{Pod} asks for secrets and runs without the agent; no Event could be made: {Problem}")]
    private partial void LogNotReported(string @namespace, string pod, string problem);

    [LoggerMessage(LogLevel.Information, "Pod {Namespace}/{Pod} was evicted, so that a new one gets the agent")]
    private partial void LogEvicted(string @namespace, string pod);

    [LoggerMessage(LogLevel.Information, "Pod {Namespace}/{Pod} was not evicted, and is tried again later: {Problem}")]
    private partial void LogNotEvicted(string @namespace, string pod, string problem);
}
