namespace SidecarAgent.Broker.Rotation;

/// <summary>How a rotation stands.</summary>
/// <param name="Rotation">Its row.</param>
/// <param name="Progress">How the holders stand; in a list, nobody where it has ended.</param>
/// <param name="Laggards">Holders that have not acknowledged, or have rejected, the new version, at most <see cref="Laggard.Most"/>.</param>
internal sealed record RotationStatus(SecretRotation Rotation, RotationProgress Progress, IReadOnlyList<Laggard> Laggards);
