using Microsoft.Extensions.Logging;
using SidecarAgent.Agent.Configuration;
using SidecarAgent.Agent.Connection;
using SidecarAgent.Agent.Telemetry;

namespace SidecarAgent.Agent.Sync;

/// <summary>
/// Uses a changed configuration when it is asked to (SIGHUP): whole, or not at all. What is wrong with it is said once, and
/// the old one stays.
/// </summary>
internal sealed partial class ConfigurationReload(
    AgentOptions options, ConfigurationSource source, SyncLoop sync, ILoggerFactory logs, TimeProvider time)
{
    private readonly ILogger _log = logs.CreateLogger<ConfigurationReload>();
    private AgentOptions _present = options;

    /// <summary>Until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await source.AskedAsync(cancellationToken);
            try
            {
                await ReloadAsync(cancellationToken);
            }
            catch (InvalidConfigurationException error)
            {
                LogKept(error.Message);
            }
        }
    }

    /// <exception cref="InvalidConfigurationException">It cannot be used.</exception>
    private async Task ReloadAsync(CancellationToken cancellationToken)
    {
        var next = source.Read();
        var change = ConfigurationChange.Between(_present, next);
        if (change.NeedsRestart.Count > 0)
        {
            throw new InvalidConfigurationException(
                $"{string.Join(" and ", change.NeedsRestart)} cannot change while the agent runs: restart it");
        }

        if (change.IsNone)
        {
            LogSame();
            return;
        }

        if ((change.Files || change.Connection) && await AdoptAsync(next, change.Connection, cancellationToken) is { } why)
            throw new InvalidConfigurationException(why);
        source.UseLog(next.Log);
        _present = next;
        LogAdopted(new Counted(next.Files.Count, "file"), next.Broker.Address);
    }

    /// <returns>Why not; null: it is in use.</returns>
    private async Task<string?> AdoptAsync(AgentOptions next, bool isOtherConnection, CancellationToken cancellationToken)
    {
        var plan = FilePlan.Compile(next);
        if (!isOtherConnection)
            return await sync.AdoptAsync(new NewConfiguration(plan, line: null), cancellationToken);
        var token = WorkloadTokens.Of(next.Identity, time, logs);
        try
        {
            return await sync.AdoptAsync(new NewConfiguration(plan, new BrokerLine(next.Broker, token)), cancellationToken);
        }
        catch (InvalidConfigurationException)
        {
            token.Dispose();
            throw;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The new configuration is in use: {Files}, secrets of {Broker}")]
    private partial void LogAdopted(Counted files, Uri broker);

    [LoggerMessage(Level = LogLevel.Information, Message = "The configuration was read again and has not changed")]
    private partial void LogSame();

    [LoggerMessage(Level = LogLevel.Warning, Message = "The new configuration is not used, the old one stays: {Reason}")]
    private partial void LogKept(string reason);
}
