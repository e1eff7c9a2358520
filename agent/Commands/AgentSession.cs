using Microsoft.Extensions.Logging;
using SidecarAgent.Agent.Configuration;
using SidecarAgent.Agent.Connection;
using SidecarAgent.Agent.Files;
using SidecarAgent.Agent.Leases;
using SidecarAgent.Agent.Sync;
using SidecarAgent.Agent.Telemetry;

namespace SidecarAgent.Agent.Commands;

/// <summary>What <c>run</c> and <c>init</c> have in common, put together.</summary>
internal sealed class AgentSession : IDisposable
{
    private readonly MountDirectory _mount;

    private AgentSession(FilePlan plan, AgentOptions options, MountDirectory mount, ILoggerFactory logs, TimeProvider time)
    {
        _mount = mount;
        Plan = plan;
        Time = time;
        Logs = logs;
        Projection = Projection.Open(mount, group: null, time);
        Link = new BrokerLink(time);
        Broker = new BrokerConnection(
            options.Broker, WorkloadTokens.Of(options.Identity, time, logs), time, logs.CreateLogger<BrokerConnection>());
        var ledger = new SecretLedger(plan.Secrets, Leases, time, Jitter.Next, logs.CreateLogger<SecretLedger>());
        Sync = new SecretSync(plan, ledger, mount, Projection, Broker, Leases, Metrics, time, logs.CreateLogger<SecretSync>());
        Acknowledger = new Acknowledger(Broker, Link, time, Jitter.Next, logs.CreateLogger<Acknowledger>());
    }

    public FilePlan Plan { get; }

    public TimeProvider Time { get; }

    public ILoggerFactory Logs { get; }

    public Projection Projection { get; }

    public LeaseBook Leases { get; } = new();

    public AgentMetrics Metrics { get; } = new();

    public BrokerLink Link { get; }

    public BrokerConnection Broker { get; }

    public SecretSync Sync { get; }

    public Acknowledger Acknowledger { get; }

    /// <exception cref="InvalidConfigurationException">Templates or the CA cannot be used.</exception>
    /// <exception cref="MountException">The mount cannot be used.</exception>
    public static AgentSession Open(AgentOptions options, ILoggerFactory logs, TimeProvider time)
    {
        var plan = FilePlan.Compile(options);
        var mount = MountDirectory.Open(options.MountPath, options.AllowDisk);
        try
        {
            return new AgentSession(plan, options, mount, logs, time);
        }
        catch
        {
            mount.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        Broker.Dispose();
        Metrics.Dispose();
        _mount.Dispose();
    }
}
