namespace SidecarAgent.Broker.Api;

/// <summary>The connection feature that says which listener a connection came through.</summary>
internal sealed record ConnectedThrough(Listener Listener);
