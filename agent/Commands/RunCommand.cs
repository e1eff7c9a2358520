using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using SidecarAgent.Agent.Configuration;
using SidecarAgent.Agent.Connection;
using SidecarAgent.Agent.Leases;
using SidecarAgent.Agent.Reload;
using SidecarAgent.Agent.Sync;
using SidecarAgent.Agent.Telemetry;

namespace SidecarAgent.Agent.Commands;

/// <summary><c>run</c>: keeps the files fresh until the process is told to stop, then gives back and removes everything.</summary>
internal static partial class RunCommand
{
    /// <summary>An earlier process may have left leases that the broker's first answer renews: their ends are not said.</summary>
    private static readonly TimeSpan ExpiryLogDelay = TimeSpan.FromSeconds(5);

    public static async Task RunAsync(
        AgentOptions options, ConfigurationSource source, ILoggerFactory logs, TimeProvider time, CancellationToken stopping)
    {
        using var hangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
        {
            context.Cancel = true;
            source.Ask();
        });
        using var agent = AgentSession.Open(options, logs, time);
        await SuperviseAsync(options, source, agent, stopping);
        await EndAsync(agent);
    }

    /// <summary>Until told to stop; everything then stands as it did.</summary>
    public static async Task SuperviseAsync(
        AgentOptions options, ConfigurationSource source, AgentSession agent, CancellationToken stopping)
    {
        var log = agent.Logs.CreateLogger("run");
        LogStarting(
            log, options.Broker.Address, new Counted(agent.Plan.Files.Count, "file"), new Counted(agent.Plan.Secrets.Count, "secret"));
        AgentGauges.Register(agent.Metrics.Meter, () => agent.Sync.Status, agent.Leases, agent.Link, agent.Time);
        using var notifier = new Notifier(agent.Metrics, agent.Time, agent.Logs.CreateLogger<Notifier>());
        var handover = new Handover(
            notifier, agent.Acknowledger, agent.Projection, agent.Time, agent.Logs.CreateLogger<Handover>());
        var sync = new SyncLoop(
            agent.Sync, agent.Broker, agent.Link, handover, agent.Metrics, agent.Time, Jitter.Next, agent.Logs.CreateLogger<SyncLoop>());
        var renewal = new LeaseRenewal(
            agent.Leases, agent.Broker, agent.Link, sync.AskAnew, agent.Metrics, agent.Time, Jitter.Next,
            agent.Logs.CreateLogger<LeaseRenewal>());
        var expiry = new LeaseExpiry(agent.Leases, agent.Time, agent.Logs.CreateLogger<LeaseExpiry>());
        var notes = new LeaseNotes(agent.Leases, agent.Projection, agent.Time, agent.Logs.CreateLogger<LeaseNotes>());
        var reload = new ConfigurationReload(options, source, sync, agent.Logs, agent.Time);
        handover.Post(agent.Sync.Unfinished, stopping);
        await LoopGroup.RunAsync(
            stopping,
            sync.RunAsync,
            agent.Broker.KeepTokenFreshAsync,
            notes.RunAsync,
            reload.RunAsync,
            token => ListenAsync(options, agent, log, token),
            renewal.RunAsync,
            agent.Acknowledger.RunAsync,
            handover.SweepAsync,
            handover.FailureAsync,
            async token =>
            {
                await Task.Delay(ExpiryLogDelay, agent.Time, token);
                await expiry.RunAsync(token);
            });
    }

    /// <summary>Removes the files and gives back the leases.</summary>
    public static async Task EndAsync(AgentSession agent)
    {
        var log = agent.Logs.CreateLogger("run");
        try
        {
            agent.Projection.Scrub();
        }
        finally
        {
            await LeaseRelease.RunAsync(
                agent.Broker, agent.Leases.All().Select(lease => lease.Id), agent.Time, log, CancellationToken.None);
        }

        LogStopped(log);
    }

    private static async Task ListenAsync(AgentOptions options, AgentSession agent, ILogger log, CancellationToken stopping)
    {
        var pages = new StatusPages(
            () => Readiness.Of(() => agent.Sync.Status, agent.Leases, agent.Link, agent.Time), agent.Plan.Secrets.Count);
        agent.Metrics.BeginAtZero();
        using var listener = Listener(options, agent, pages);
        LogListening(log, listener.Address);
        await listener.RunAsync(stopping);
    }

    private static StatusListener Listener(AgentOptions options, AgentSession agent, StatusPages pages)
    {
        try
        {
            return new StatusListener(options.Listen, pages, agent.Time, agent.Logs.CreateLogger<StatusListener>());
        }
        catch (SocketException error)
        {
            throw new CommandException(ExitCode.Failed, $"listen {options.Listen}: {error.Message}");
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Keeping {Files} fresh with {Secrets} of {Broker}")]
    private static partial void LogStarting(ILogger log, Uri broker, Counted files, Counted secrets);

    [LoggerMessage(Level = LogLevel.Information, Message = "Serving /metrics, /healthz and /readyz on {Address}")]
    private static partial void LogListening(ILogger log, Uri address);

    [LoggerMessage(Level = LogLevel.Information, Message = "Stopped; the files are gone")]
    private static partial void LogStopped(ILogger log);
}
