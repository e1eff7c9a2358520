using SidecarAgent.Webhook.Plaintext;
using SidecarAgent.Webhook.Policy;
using SidecarAgent.Webhook.Vault;

namespace SidecarAgent.Webhook.Injection;

/// <summary>What the operator decides about injected containers.</summary>
internal sealed record AgentSettings
{
    public const long DefaultId = 65532;

    public required string Image { get; init; }

    /// <summary>A Kubernetes imagePullPolicy.</summary>
    public string PullPolicy { get; init; } = "IfNotPresent";

    public AgentResources Resources { get; init; } = AgentResources.Default;

    public long RunAsUser { get; init; } = DefaultId;

    public long RunAsGroup { get; init; } = DefaultId;
}

/// <summary>Where injected agents find the broker.</summary>
internal sealed record BrokerSettings
{
    public const string DefaultAddress = "https://sidecar-broker.sidecar-agent.svc:8443";
    public const string DefaultAudience = "sidecar-broker";

    public string Address { get; init; } = DefaultAddress;

    /// <summary>Certificates of the authorities that vouch for the broker; null only in previews: an agent does not start without.</summary>
    public string? CaPem { get; init; }

    /// <summary>Whom workload tokens are meant for.</summary>
    public string Audience { get; init; } = DefaultAudience;
}

/// <summary>All that a decision about a pod depends on, besides the pod.</summary>
internal sealed record InjectionSettings(AgentSettings Agent, BrokerSettings Broker, TrustPolicy Trust)
{
    public PlaintextPolicy Plaintext { get; init; } = PlaintextPolicy.Warning;

    public VaultSettings Vault { get; init; } = VaultSettings.Off;
}
