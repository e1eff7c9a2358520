using Microsoft.Extensions.Logging;
using SidecarAgent.Agent.Configuration;
using SidecarAgent.Agent.Connection;
using SidecarAgent.Agent.Sync;

namespace SidecarAgent.Agent.Commands;

/// <summary><c>init</c>: fetches once, writes once, leaves the leases to themselves.</summary>
internal static partial class InitCommand
{
    /// <exception cref="CommandException">Denied, failed, or not reached in time.</exception>
    public static async Task RunAsync(AgentOptions options, TimeSpan timeout, ILoggerFactory logs, TimeProvider time, CancellationToken stopping)
    {
        using var agent = AgentSession.Open(options, logs, time);
        var fetch = new InitialFetch(agent.Sync, agent.Broker, agent.Acknowledger, time, Jitter.Next, logs.CreateLogger<InitialFetch>());
        var log = logs.CreateLogger("init");
        var end = await fetch.RunAsync(timeout, stopping);
        switch (end.Outcome)
        {
            case FetchOutcome.Written:
                LogDone(log, end.Sentence);
                return;
            case FetchOutcome.Denied:
                throw new CommandException(ExitCode.Denied, end.Sentence);
            case FetchOutcome.NotReached:
                throw new CommandException(ExitCode.TimedOut, $"the broker at {options.Broker.Address} was not reached {end.Sentence}");
            default:
                throw new CommandException(ExitCode.Failed, end.Sentence);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Done: {Sentence}")]
    private static partial void LogDone(ILogger log, string sentence);
}
