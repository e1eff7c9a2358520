namespace SidecarAgent.Agent.Configuration;

/// <summary>Where the token comes from that tells the broker who this workload is.</summary>
internal abstract record IdentityOptions;

/// <param name="Path">Replaced by the kubelet, so it is opened anew for each call.</param>
internal sealed record TokenFileIdentity(string Path) : IdentityOptions;

/// <param name="SocketPath">Absolute; of the SPIFFE Workload API.</param>
/// <param name="Audience">Whom the tokens are to be meant for: what the broker expects.</param>
internal sealed record SpiffeIdentity(string SocketPath, string Audience) : IdentityOptions;
