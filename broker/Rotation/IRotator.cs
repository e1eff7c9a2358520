using SidecarAgent.Broker.Secrets;

namespace SidecarAgent.Broker.Rotation;

/// <summary>How the secrets of one kind get a new version: values that live only here, or accounts on a server outside.</summary>
internal interface IRotator
{
    /// <summary>What the configuration says is rotated by itself.</summary>
    IReadOnlyList<(SecretPath Path, RotationSchedule Schedule)> Schedules { get; }

    /// <summary>Whether the path is one of its kind.</summary>
    bool Rotates(SecretPath path);

    /// <summary>Null: a superseded version needs no revoking. Otherwise how long it stays after the last acknowledgement.</summary>
    TimeSpan? Grace(SecretPath path);

    /// <summary>Looks whether there is anything to rotate. Touches nothing.</summary>
    /// <exception cref="RequestFailedException">There is not.</exception>
    Task RequireRotatableAsync(SecretPath path, CancellationToken cancellationToken);

    /// <summary>Makes what is new outside, tries it there, and seals it. A second call after a crash begins anew.</summary>
    /// <returns>The version, not stored yet.</returns>
    /// <exception cref="RequestFailedException">It cannot be rotated any longer.</exception>
    Task<SecretVersion> PrepareAsync(SecretRotation rotation, string by, CancellationToken cancellationToken);

    /// <summary>Makes the old version useless where it is used. May be called again.</summary>
    Task RevokeOldAsync(SecretRotation rotation, CancellationToken cancellationToken);
}
