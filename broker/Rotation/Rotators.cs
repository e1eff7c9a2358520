using SidecarAgent.Broker.Secrets;

namespace SidecarAgent.Broker.Rotation;

/// <summary>Finds out how a secret is rotated.</summary>
internal sealed class Rotators(IReadOnlyList<IRotator> rotators)
{
    private readonly IReadOnlyList<IRotator> _all = rotators;

    /// <inheritdoc cref="IRotator.Schedules"/>
    public IReadOnlyList<(SecretPath Path, RotationSchedule Schedule)> Schedules { get; } =
        [.. rotators.SelectMany(rotator => rotator.Schedules)];

    /// <exception cref="RequestFailedException">Nothing at this path can be rotated.</exception>
    public IRotator Of(SecretPath path) =>
        Find(path) ?? throw new RequestFailedException(
            ErrorReason.NothingToRotate, $"nothing is rotated at {path}: no mount there has anything that the broker makes", path);

    /// <returns>Null: nothing at this path can be rotated, or not any longer.</returns>
    public IRotator? Find(SecretPath path) => _all.FirstOrDefault(rotator => rotator.Rotates(path));
}
