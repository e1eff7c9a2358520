namespace SidecarAgent.Broker.Configuration;

/// <summary>An engine and where it is attached.</summary>
/// <param name="Path"><c>path</c>: the first segment of its secrets' paths, such as <c>kv</c>. Required, unique.</param>
/// <param name="Engine"><c>engine</c>: what issues the secrets. Required.</param>
/// <param name="Dynamic">What an engine needs that makes accounts outside; null for others.</param>
internal sealed record MountOptions(string Path, EngineKind Engine, DynamicOptions? Dynamic = null);
