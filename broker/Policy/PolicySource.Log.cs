namespace SidecarAgent.Broker.Policy;

internal sealed partial class PolicySource
{
    [LoggerMessage(LogLevel.Information, "In force from {Directory}: {Policies}, {Files}")]
    private partial void LogLoaded(string policies, string files, string directory);

    [LoggerMessage(LogLevel.Error,
        "The policies of {Directory} changed but cannot be used, so those that were in force stay: {Problem}")]
    private partial void LogRejected(string problem, string directory);

    [LoggerMessage(LogLevel.Warning,
        "Changes of {Directory} are not reported by the system, so it is looked at every {Poll} only")]
    private partial void LogNotWatched(Exception exception, string directory, TimeSpan poll);
}
