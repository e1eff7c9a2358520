using SidecarAgent.Broker.Engines;
using SidecarAgent.Broker.Secrets;

namespace SidecarAgent.Broker.Rotation;

/// <summary>Stored secrets with generated fields. Nobody else knows their values, so there is nothing to revoke.</summary>
internal sealed class KeyValueRotator(KeyValueEngine engine) : IRotator
{
    /// <summary>Operators set them, secret by secret.</summary>
    public IReadOnlyList<(SecretPath Path, RotationSchedule Schedule)> Schedules => [];

    public bool Rotates(SecretPath path) => engine.Serves(path);

    public TimeSpan? Grace(SecretPath path) => null;

    public Task RequireRotatableAsync(SecretPath path, CancellationToken cancellationToken) =>
        engine.RequireRotatableAsync(path, cancellationToken);

    public Task<SecretVersion> PrepareAsync(SecretRotation rotation, string by, CancellationToken cancellationToken) =>
        engine.PrepareRotationAsync(rotation.Path, by, cancellationToken);

    public Task RevokeOldAsync(SecretRotation rotation, CancellationToken cancellationToken) => Task.CompletedTask;
}
