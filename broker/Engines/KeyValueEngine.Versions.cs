using SidecarAgent.Broker.Leases;
using SidecarAgent.Broker.Secrets;
using SidecarAgent.Broker.Storage;

namespace SidecarAgent.Broker.Engines;

internal sealed partial class KeyValueEngine
{
    /// <summary>Of a secret whose mount does not say.</summary>
    public const int DefaultVersions = 100;

    /// <summary>How many versions of a secret are kept, by mount.</summary>
    public IReadOnlyDictionary<string, int> MaxVersions { get; init; } = new Dictionary<string, int>();

    /// <summary>
    /// Stops serving versions and ends the leases on them; with <paramref name="destroy"/> their values are erased, too. If
    /// the active one is among them, nothing of the secret is served until another is activated.
    /// </summary>
    /// <param name="path">Of which secret.</param>
    /// <param name="versions">Which; all of them or none.</param>
    /// <param name="destroy">For good.</param>
    /// <param name="active">The active version may be among them.</param>
    /// <returns>
    /// The leases that ended, whether the secret is not served any more, and of what was to be destroyed, whether the
    /// database's log is rid of it, too.
    /// </returns>
    /// <exception cref="RequestFailedException">One of them is not there, or is in use.</exception>
    public async Task<(IReadOnlyList<Lease> Ended, bool Withdrawn, bool Erased)> DeleteAsync(
        SecretPath path, IReadOnlyList<ulong> versions, bool destroy, bool active)
    {
        var (ended, withdrawn) = await database.WriteAsync(
            session => DeleteAsync(session, path, versions, destroy, active), CancellationToken.None);
        return (ended, withdrawn, destroy && await database.EraseAsync(CancellationToken.None));
    }

    /// <summary>Versions that were deleted can be activated and shown again. None of them is served by that.</summary>
    /// <exception cref="RequestFailedException">One of them is not there, or is destroyed.</exception>
    public Task<bool> UndeleteAsync(SecretPath path, IReadOnlyList<ulong> versions) =>
        database.WriteAsync(
            async session =>
            {
                await RequireUndeletableAsync(session, path, versions);
                foreach (var number in versions)
                    await VersionTable.UndeleteAsync(session, path, number, CancellationToken.None);
                return true;
            },
            CancellationToken.None);

    /// <summary>Looks whether versions can be brought back. Touches nothing.</summary>
    /// <inheritdoc cref="UndeleteAsync"/>
    public Task<bool> RequireUndeletableAsync(
        SecretPath path, IReadOnlyList<ulong> versions, CancellationToken cancellationToken) =>
        database.ReadAsync(session => RequireUndeletableAsync(session, path, versions), cancellationToken);

    /// <summary>Looks whether versions can be deleted. Touches nothing.</summary>
    /// <inheritdoc cref="DeleteAsync(SecretPath, IReadOnlyList{ulong}, bool, bool)"/>
    public Task<bool> RequireDeletableAsync(
        SecretPath path, IReadOnlyList<ulong> versions, bool active, CancellationToken cancellationToken) =>
        database.ReadAsync(session => RequireDeletableAsync(session, path, versions, active), cancellationToken);

    private async Task<(IReadOnlyList<Lease> Ended, bool Withdrawn)> DeleteAsync(
        Session session, SecretPath path, IReadOnlyList<ulong> versions, bool destroy, bool active)
    {
        var now = clock.GetUtcNow();
        var withdrawn = await RequireDeletableAsync(session, path, versions, active);
        foreach (var number in versions)
        {
            await (destroy
                ? VersionTable.DestroyAsync(session, path, number, now, CancellationToken.None)
                : VersionTable.DeleteAsync(session, path, number, now, CancellationToken.None));
        }

        if (withdrawn)
            await VersionTable.WithdrawAsync(session, path, now, CancellationToken.None);
        var held = await LeaseTable.OfSecretAsync(session, path, now, CancellationToken.None);
        var ended = held.Where(lease => versions.Contains(lease.Version)).ToList();
        foreach (var lease in ended)
            await LeaseTable.RemoveAsync(session, lease, now, CancellationToken.None);
        return (ended, withdrawn);
    }

    private static async Task<bool> RequireUndeletableAsync(Session session, SecretPath path, IReadOnlyList<ulong> versions)
    {
        foreach (var number in versions)
        {
            if (await RequireAsync(session, path, number) is { DestroyedAt: not null })
                throw Deleted($"version {number} of {path} is destroyed; nothing brings it back", path);
        }

        return true;
    }

    /// <returns>Whether the active version is among them.</returns>
    private static async Task<bool> RequireDeletableAsync(
        Session session, SecretPath path, IReadOnlyList<ulong> versions, bool active)
    {
        var head = await SecretTable.HeadAsync(session, path, CancellationToken.None)
            ?? throw new RequestFailedException(ErrorReason.SecretNotFound, $"there is no secret {path}", path);
        foreach (var number in versions)
            await RequireAsync(session, path, number);
        if (await RotationTable.OpenAsync(session, path, CancellationToken.None) is not null)
        {
            throw new RequestFailedException(
                ErrorReason.VersionInUse, $"a rotation of {path} is under way, which may need its versions; let it end, or abort it", path);
        }

        var withdrawn = head.ActiveVersion != 0 && versions.Contains(head.ActiveVersion);
        return !withdrawn || active
            ? withdrawn
            : throw new RequestFailedException(
                ErrorReason.VersionInUse, $"version {head.ActiveVersion} of {path} is what is served; that it is withdrawn from its holders must be asked for", path);
    }

    private static async Task<SecretVersion> RequireAsync(Session session, SecretPath path, ulong number) =>
        await SecretTable.VersionAsync(session, path, number, CancellationToken.None)
        ?? throw new RequestFailedException(ErrorReason.VersionNotFound, $"{path} has no version {number}", path);

    private static SecretVersion RequireUsable(SecretVersion version) => version switch
    {
        { DestroyedAt: not null } => throw Deleted($"version {version.Version} of {version.Path} is destroyed", version.Path),
        { DeletedAt: not null } => throw Deleted($"version {version.Version} of {version.Path} is deleted; undelete it first", version.Path),
        _ => version,
    };

    private static RequestFailedException Deleted(string message, SecretPath path) => new(ErrorReason.VersionDeleted, message, path);
}
