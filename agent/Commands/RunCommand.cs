using System.Net.Sockets;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using SidecarAgent.Agent.Configuration;
using SidecarAgent.Agent.Connection;
using SidecarAgent.Agent.Leases;
using SidecarAgent.Agent.Reload;
using SidecarAgent.Agent.Sync;
using SidecarAgent.Agent.Telemetry;
using SidecarAgent.V1;

namespace SidecarAgent.Agent.Commands;

/// <summary><c>run</c>: keeps the files fresh until the process is told to stop, then gives back and removes everything.</summary>
internal static partial class RunCommand
{
    /// <summary>A pod that ends has little time, and a lease that is not released ends by itself.</summary>
    private static readonly TimeSpan LongestRelease = TimeSpan.FromSeconds(2);

    /// <summary>Manifests of earlier processes know no renewals: before the broker has answered, an end may not be one.</summary>
    private static readonly TimeSpan ExpiryLogDelay = TimeSpan.FromSeconds(5);

    public static async Task RunAsync(AgentOptions options, ILoggerFactory logs, TimeProvider time, CancellationToken stopping)
    {
        using var agent = AgentSession.Open(options, logs, time);
        await SuperviseAsync(options, agent, stopping);
        await EndAsync(agent);
    }

    /// <summary>Until told to stop; everything then stands as it did.</summary>
    public static async Task SuperviseAsync(AgentOptions options, AgentSession agent, CancellationToken stopping)
    {
        var log = agent.Logs.CreateLogger("run");
        LogStarting(log, options.Broker.Address, agent.Plan.Files.Count, agent.Plan.Secrets.Count);
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
        await LoopGroup.RunAsync(
            stopping,
            sync.RunAsync,
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
        agent.Projection.Scrub();
        await ReleaseAsync(agent, log);
        LogStopped(log);
    }

    private static async Task ListenAsync(AgentOptions options, AgentSession agent, ILogger log, CancellationToken stopping)
    {
        var pages = new StatusPages(
            () => Readiness.Of(() => agent.Sync.Status, agent.Leases, agent.Link, agent.Time), agent.Plan.Secrets.Count);
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

    private static async Task ReleaseAsync(AgentSession agent, ILogger log)
    {
        var request = new ReleaseRequest { LeaseIds = { agent.Leases.All().Select(lease => lease.Id).Take(RenewalSchedule.MaxBatch) } };
        if (request.LeaseIds.Count == 0)
            return;
        using var over = new CancellationTokenSource(LongestRelease, agent.Time);
        try
        {
            await agent.Broker.ReleaseAsync(request, over.Token);
            LogReleased(log, request.LeaseIds.Count);
        }
        catch (RpcException error)
        {
            LogNotReleased(log, BrokerProblem.Of(error).Sentence);
        }
        catch (TokenException error)
        {
            LogNotReleased(log, error.Message);
        }
        catch (OperationCanceledException)
        {
            LogNotReleased(log, $"no answer within {LongestRelease.TotalSeconds:0} s");
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Keeping {Files} files fresh with {Secrets} secrets of {Broker}")]
    private static partial void LogStarting(ILogger log, Uri broker, int files, int secrets);

    [LoggerMessage(Level = LogLevel.Information, Message = "Serving /metrics, /healthz and /readyz on {Address}")]
    private static partial void LogListening(ILogger log, Uri address);

    [LoggerMessage(Level = LogLevel.Information, Message = "Gave back {Count} leases")]
    private static partial void LogReleased(ILogger log, int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The leases were not given back and will end by themselves: {Problem}")]
    private static partial void LogNotReleased(ILogger log, string problem);

    [LoggerMessage(Level = LogLevel.Information, Message = "Stopped; the files are gone")]
    private static partial void LogStopped(ILogger log);
}
