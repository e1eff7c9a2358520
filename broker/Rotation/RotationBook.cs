using System.Security.Cryptography;
using SidecarAgent.Broker.Secrets;
using SidecarAgent.Broker.Storage;

namespace SidecarAgent.Broker.Rotation;

/// <summary>Writes what operators and schedules want of rotations, each in one transaction, and reads how they stand.</summary>
internal sealed class RotationBook(Database database, TimeProvider clock)
{
    /// <summary>Opens a rotation, unless one is open.</summary>
    /// <param name="path">What is rotated.</param>
    /// <param name="trigger">What began it.</param>
    /// <param name="by">The operator; empty for a schedule.</param>
    /// <param name="overlap">How long old and new may both work.</param>
    /// <returns>The open rotation, and whether it is new.</returns>
    public Task<(SecretRotation Rotation, bool IsNew)> BeginAsync(
        SecretPath path, RotationTrigger trigger, string by, TimeSpan overlap) =>
        database.WriteAsync(session => BeginAsync(session, path, trigger, by, overlap), CancellationToken.None);

    /// <summary>
    /// The secret is compromised: what is not served yet is made without overlap; what is served already is superseded at
    /// once, and then rotated again.
    /// </summary>
    public Task<SecretRotation> TaintAsync(SecretPath path, string by, TimeSpan overlap) =>
        database.WriteAsync(
            async session =>
            {
                var (rotation, isNew) = await BeginAsync(session, path, RotationTrigger.Taint, by, overlap);
                if (isNew || (rotation.Tainted && rotation.State == RotationState.Preparing))
                    return rotation;
                var now = clock.GetUtcNow();
                // Nor does it wait for the next attempt at what has failed before.
                var hurried = rotation with { Attempts = 0, RetryAt = null };
                return await ChangeAsync(session, rotation.State == RotationState.Preparing
                    ? hurried with { Tainted = true }
                    : hurried with { TaintedMeanwhile = true, Deadline = now < rotation.Deadline ? now : rotation.Deadline });
            },
            CancellationToken.None);

    /// <summary>Ends the open rotation; if its new version is served, the old one is served again.</summary>
    /// <exception cref="RequestFailedException">There is none, or there is no way back.</exception>
    public Task<SecretRotation> AbortAsync(SecretPath path) =>
        database.WriteAsync(
            async session =>
            {
                var rotation = await RequireOpenAsync(session, path);
                if (rotation.Tainted || rotation.TaintedMeanwhile || rotation.OldRevoked || rotation.State == RotationState.Revoking)
                {
                    throw new RequestFailedException(
                        ErrorReason.RotationCannotChange,
                        $"there is no way back: version {rotation.FromVersion} of {path} is compromised or being revoked", path);
                }

                var now = clock.GetUtcNow();
                var head = await SecretTable.HeadAsync(session, path, CancellationToken.None);
                if (rotation.ActivatedAt is not null && head?.ActiveVersion == rotation.ToVersion)
                {
                    if (rotation.FromVersion == 0)
                        throw new RequestFailedException(ErrorReason.RotationCannotChange, $"{path} has no version to go back to", path);
                    await SecretTable.ActivateAsync(session, path, rotation.FromVersion, now, CancellationToken.None);
                }

                return await ChangeAsync(
                    session, rotation with { State = RotationState.Aborted, EndedAt = now, Reason = "an operator has ended it" });
            },
            CancellationToken.None);

    /// <summary>Lets the open rotation go on to its deadline although holders have rejected the new version.</summary>
    /// <exception cref="RequestFailedException">There is none.</exception>
    public Task<SecretRotation> ResumeAsync(SecretPath path) =>
        database.WriteAsync(
            async session => await ChangeAsync(
                session, await RequireOpenAsync(session, path) with { IgnoresRejections = true, RetryAt = null }),
            CancellationToken.None);

    /// <returns>The open rotation of the path, or the last one; null: there was none lately.</returns>
    public Task<RotationStatus?> StatusAsync(SecretPath path, CancellationToken cancellationToken) =>
        database.ReadAsync(
            async session => await RotationTable.LatestAsync(session, path, cancellationToken) is { } rotation
                ? await StatusAsync(session, rotation, cancellationToken)
                : null,
            cancellationToken);

    /// <inheritdoc cref="RotationTable.ListAsync"/>
    public Task<List<RotationStatus>> ListAsync(string prefix, bool ended, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync(
            async session =>
            {
                var listed = new List<RotationStatus>();
                foreach (var rotation in await RotationTable.ListAsync(session, prefix, ended, limit, cancellationToken))
                {
                    listed.Add(rotation.EndedAt is null
                        ? await StatusAsync(session, rotation, cancellationToken)
                        : new RotationStatus(rotation, RotationProgress.Nobody, []));
                }

                return listed;
            },
            cancellationToken);

    private async Task<RotationStatus> StatusAsync(
        Session session, SecretRotation rotation, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var progress = await RotationTable.ProgressAsync(session, rotation.Path, rotation.ServedVersion, now, cancellationToken);
        var leases = rotation.ActivatedAt is null || (progress.Behind == 0 && progress.Rejected == 0)
            ? []
            : await LeaseTable.OfSecretAsync(session, rotation.Path, now, cancellationToken);
        return new RotationStatus(rotation, progress, Laggard.Of(leases, rotation.ServedVersion));
    }

    private async Task<(SecretRotation Rotation, bool IsNew)> BeginAsync(
        Session session, SecretPath path, RotationTrigger trigger, string by, TimeSpan overlap)
    {
        if (await RotationTable.OpenAsync(session, path, CancellationToken.None) is { } open)
            return (open, false);
        var head = await SecretTable.HeadAsync(session, path, CancellationToken.None);
        var rotation = new SecretRotation
        {
            Id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8)),
            Path = path,
            State = RotationState.Preparing,
            Trigger = trigger,
            By = by,
            FromVersion = head?.ActiveVersion ?? 0,
            Overlap = overlap,
            Tainted = trigger == RotationTrigger.Taint,
            StartedAt = clock.GetUtcNow(),
        };
        await RotationTable.AddAsync(session, rotation, CancellationToken.None);
        return (rotation, true);
    }

    private static async Task<SecretRotation> RequireOpenAsync(Session session, SecretPath path) =>
        await RotationTable.OpenAsync(session, path, CancellationToken.None)
        ?? throw new RequestFailedException(ErrorReason.RotationNotFound, $"no rotation of {path} is under way", path);

    /// <summary>Read and written in one transaction of the one writer, so that it cannot have changed between.</summary>
    private static async Task<SecretRotation> ChangeAsync(Session session, SecretRotation rotation)
    {
        if (!await RotationTable.SaveAsync(session, rotation, CancellationToken.None))
            throw new InvalidOperationException("A rotation changed within the transaction that had read it.");
        return rotation with { Revision = rotation.Revision + 1 };
    }
}
