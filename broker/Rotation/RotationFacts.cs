namespace SidecarAgent.Broker.Rotation;

/// <summary>What a rotation's next step is decided on, all of it at the same moment.</summary>
/// <param name="Rotation">The open row.</param>
/// <param name="ActiveVersion">The version that is served in truth; 0: none.</param>
/// <param name="Progress">How the holders stand to <see cref="SecretRotation.ServedVersion"/>.</param>
/// <param name="RevokesOutside">An old version works until it is revoked somewhere else, and there is only room for two.</param>
/// <param name="Grace">
/// With <paramref name="RevokesOutside"/>: how long the old credential stays after the last acknowledgement, for
/// applications that have read it a moment before.
/// </param>
internal sealed record RotationFacts(
    SecretRotation Rotation, ulong ActiveVersion, RotationProgress Progress, bool RevokesOutside, TimeSpan Grace);
