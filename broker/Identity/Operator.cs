namespace SidecarAgent.Broker.Identity;

/// <summary>A verified caller of <c>BrokerAdmin</c>: "local" over the Unix socket, else the token's subject.</summary>
internal sealed record Operator(string Name);
