namespace SidecarAgent.Agent.Rendering;

/// <summary>
/// A secret without which a file cannot be rendered. <paramref name="Field"/> is null where every field that the grant
/// allows is wanted: always so for a template, which may test whether a field is there and must then not be denied.
/// </summary>
internal sealed record SecretNeed(string Path, string? Field);
