namespace SidecarAgent.Broker.Api;

/// <summary>The connection feature that says which listener a connection came through.</summary>
/// <param name="Listener">Which.</param>
/// <param name="Peer">Who connected, on the Unix socket.</param>
internal sealed record ConnectedThrough(Listener Listener, PeerCredentials? Peer = null);
