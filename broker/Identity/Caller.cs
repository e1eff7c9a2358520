namespace SidecarAgent.Broker.Identity;

/// <summary>A verified caller of <c>SecretBroker</c>, and until when the token that proves it is good.</summary>
internal sealed record Caller(Workload Workload, DateTimeOffset TokenExpiresAt);
