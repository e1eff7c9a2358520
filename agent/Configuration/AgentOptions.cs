using System.Net;
using SidecarAgent.Agent.Reload;

namespace SidecarAgent.Agent.Configuration;

/// <summary>The agent's whole configuration, validated. docs/agent.md describes every key.</summary>
internal sealed record AgentOptions
{
    public required BrokerOptions Broker { get; init; }

    public required IdentityOptions Identity { get; init; }

    /// <summary>Absolute path of the directory that the application reads.</summary>
    public required string MountPath { get; init; }

    /// <summary>Whether the mount may be something else than tmpfs. For development: values then reach a disk.</summary>
    public bool AllowDisk { get; init; }

    public OnRevoke OnRevoke { get; init; }

    public required LogOptions Log { get; init; }

    /// <summary>Where <c>/metrics</c>, <c>/healthz</c> and <c>/readyz</c> are served.</summary>
    public required IPEndPoint Listen { get; init; }

    /// <summary>At least one.</summary>
    public required IReadOnlyList<FileOptions> Files { get; init; }

    /// <summary>Whom to tell after any file changed.</summary>
    public Notification? Notify { get; init; }
}
