using SidecarAgent.Broker.Audit;
using SidecarAgent.Broker.Identity;
using SidecarAgent.Broker.Rotation;
using SidecarAgent.Broker.Secrets;

namespace SidecarAgent.Broker;

internal sealed partial class Gate
{
    /// <summary>Begins a rotation, unless one is under way, and waits a little until its new version is served.</summary>
    /// <param name="by">Who asks.</param>
    /// <param name="path">What to rotate.</param>
    /// <param name="overlap">How long old and new may both work.</param>
    /// <param name="cancellationToken">Gives up waiting; the rotation goes on.</param>
    /// <returns>How it stands, and whether this call began it.</returns>
    /// <exception cref="RequestFailedException">There is nothing to rotate.</exception>
    public async Task<(RotationStatus Status, bool IsNew)> RotateAsync(
        Operator by, SecretPath path, TimeSpan overlap, CancellationToken cancellationToken)
    {
        await rotations.RequireRotatableAsync(path, cancellationToken);
        await AuditAsync([Entry(by, AuditAction.Rotate, path)], cancellationToken);
        return await rotations.BeginAsync(path, by.Name, overlap, cancellationToken);
    }

    /// <summary>The secret is compromised: rotates without overlap, also if a rotation is under way.</summary>
    /// <exception cref="RequestFailedException">There is nothing to rotate.</exception>
    public async Task<RotationStatus> TaintAsync(
        Operator by, SecretPath path, TimeSpan overlap, CancellationToken cancellationToken)
    {
        await rotations.RequireRotatableAsync(path, cancellationToken);
        await AuditAsync([Entry(by, AuditAction.Taint, path)], cancellationToken);
        return await rotations.TaintAsync(path, by.Name, overlap, cancellationToken);
    }

    /// <summary>Ends a rotation; where its new version is served already, the old one is served again.</summary>
    /// <exception cref="RequestFailedException">None is under way, or there is no way back.</exception>
    public async Task<SecretRotation> AbortRotationAsync(Operator by, SecretPath path, CancellationToken cancellationToken)
    {
        await AuditAsync([Entry(by, AuditAction.AbortRotation, path)], cancellationToken);
        return await rotations.AbortAsync(path);
    }

    /// <summary>Lets a rotation go on that a holder has rejected.</summary>
    /// <exception cref="RequestFailedException">None is under way.</exception>
    public async Task<SecretRotation> ResumeRotationAsync(Operator by, SecretPath path, CancellationToken cancellationToken)
    {
        await AuditAsync([Entry(by, AuditAction.ResumeRotation, path)], cancellationToken);
        return await rotations.ResumeAsync(path);
    }

    /// <summary>The rotations under way, and with <paramref name="ended"/> the last ones that are over.</summary>
    public async Task<IReadOnlyList<RotationStatus>> ListRotationsAsync(
        Operator by, string prefix, bool ended, int limit, CancellationToken cancellationToken)
    {
        var entry = new AuditEntry(AuditAction.ListRotations, Allowed: true) { Operator = by.Name, Path = prefix };
        await AuditAsync([entry], cancellationToken);
        return await rotations.ListAsync(prefix, ended, limit, cancellationToken);
    }

    /// <summary>How the rotation of a secret stands, which may be over; null: there was none. And its schedule, if any.</summary>
    public async Task<(RotationStatus? Status, ScheduledSecret? Schedule)> RotationAsync(
        Operator by, SecretPath path, CancellationToken cancellationToken)
    {
        await AuditAsync([Entry(by, AuditAction.ListRotations, path)], cancellationToken);
        return (await rotations.StatusAsync(path, cancellationToken), await rotations.ScheduleAsync(path, cancellationToken));
    }

    /// <summary>How the rotation of a secret stands, again and again when there is news, until it is over.</summary>
    /// <exception cref="RequestFailedException">The enumeration finds that there was none lately.</exception>
    public async Task<IAsyncEnumerable<RotationStatus>> FollowRotationAsync(
        Operator by, SecretPath path, CancellationToken cancellationToken)
    {
        await AuditAsync([Entry(by, AuditAction.ListRotations, path)], cancellationToken);
        return rotations.FollowAsync(path, cancellationToken);
    }

    /// <summary>Sets when a secret is rotated by itself; null: never any more.</summary>
    /// <returns>The schedule with the time at which the next rotation is due; null: there is none any more.</returns>
    /// <exception cref="RequestFailedException">It is not for operators to say, or there is nothing to rotate.</exception>
    public async Task<ScheduledSecret?> SetScheduleAsync(
        Operator by, SecretPath path, RotationSchedule? schedule, CancellationToken cancellationToken)
    {
        rotations.RequireSchedulable(path);
        if (schedule is not null)
            await rotations.RequireRotatableAsync(path, cancellationToken);
        var entry = Entry(by, AuditAction.ScheduleRotation, path) with { Detail = schedule?.ToString() ?? "never" };
        await AuditAsync([entry], cancellationToken);
        await rotations.SetScheduleAsync(path, schedule, by.Name);
        return await rotations.ScheduleAsync(path, cancellationToken);
    }

    /// <summary>Holders of these secrets have said something or have ended.</summary>
    private void WakeRotations(IEnumerable<SecretPath> paths)
    {
        foreach (var path in paths.Distinct())
            rotations.Wake(path);
    }
}
