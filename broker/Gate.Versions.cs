using SidecarAgent.Broker.Audit;
using SidecarAgent.Broker.Identity;
using SidecarAgent.Broker.Secrets;

namespace SidecarAgent.Broker;

internal sealed partial class Gate
{
    /// <summary>
    /// Deletes or destroys versions, ends the leases on them and tells their holders. All of the versions or none.
    /// </summary>
    /// <param name="by">Who asks.</param>
    /// <param name="path">Of which secret.</param>
    /// <param name="versions">Which; none: the active one.</param>
    /// <param name="destroy">Their values are erased, for good.</param>
    /// <param name="active">The active version may be among them.</param>
    /// <param name="cancellationToken">Gives up before anything is done.</param>
    /// <returns>Which versions, how many leases ended, and what <see cref="Engines.KeyValueEngine"/> says of it.</returns>
    /// <exception cref="RequestFailedException">One of them is not there, or is in use.</exception>
    public async Task<(IReadOnlyList<ulong> Versions, int Ended, bool Withdrawn, bool Erased)> DeleteAsync(
        Operator by, SecretPath path, IReadOnlyList<ulong> versions, bool destroy, bool active, CancellationToken cancellationToken)
    {
        mounts.RequireStored(path);
        if (versions.Count == 0)
        {
            var head = await engine.HeadAsync(path, cancellationToken);
            versions = head.ActiveVersion > 0
                ? [head.ActiveVersion]
                : throw new RequestFailedException(ErrorReason.VersionNotFound, $"no version of {path} is active", path);
        }

        await engine.RequireDeletableAsync(path, versions, active, cancellationToken);
        var action = destroy ? AuditAction.Destroy : AuditAction.Delete;
        var held = await leases.OfSecretAsync(path, cancellationToken);
        await AuditAsync(
            versions.Select(version => Entry(by, action, path) with { Version = version })
                .Concat(held.Where(lease => versions.Contains(lease.Version)).Select(lease => RevokeEntry(by, lease))),
            cancellationToken);
        var (ended, withdrawn, erased) = await engine.DeleteAsync(path, versions, destroy, active);
        watchers.WakeSecret(path);
        metrics.Changed(destroy ? "destroy" : "delete");
        return (versions, ended.Count, withdrawn, erased);
    }

    /// <summary>Versions that were deleted can be activated and shown again.</summary>
    /// <exception cref="RequestFailedException">One of them is not there, or is destroyed.</exception>
    public async Task UndeleteAsync(
        Operator by, SecretPath path, IReadOnlyList<ulong> versions, CancellationToken cancellationToken)
    {
        mounts.RequireStored(path);
        await engine.RequireUndeletableAsync(path, versions, cancellationToken);
        await AuditAsync(
            versions.Select(version => Entry(by, AuditAction.Undelete, path) with { Version = version }), cancellationToken);
        await engine.UndeleteAsync(path, versions);
        metrics.Changed("undelete");
    }
}
