using SidecarAgent.Broker.Audit;
using SidecarAgent.Broker.Identity;
using SidecarAgent.Broker.Secrets;

namespace SidecarAgent.Broker;

internal sealed partial class Gate
{
    /// <summary>Stores a new version and, if asked, serves it.</summary>
    /// <returns>Its number.</returns>
    /// <exception cref="RequestFailedException">
    /// The mount does not exist, or the newest version is not the expected one.
    /// </exception>
    public async Task<ulong> PutAsync(
        Operator by, SecretPath path, IReadOnlyList<NewField> fields, bool activate, ulong? expectedVersion,
        CancellationToken cancellationToken)
    {
        mounts.RequireStored(path);
        var version = await AddVersionAsync(
            by, activate, () => engine.PreparePutAsync(path, fields, expectedVersion, by.Name, cancellationToken),
            cancellationToken);
        return version.Version;
    }

    /// <summary>Serves a stored version, newer or older.</summary>
    /// <returns>The version that was served until now; 0: none was.</returns>
    /// <exception cref="RequestFailedException">There is no such version.</exception>
    public async Task<ulong> ActivateAsync(
        Operator by, SecretPath path, ulong version, CancellationToken cancellationToken)
    {
        mounts.RequireStored(path);
        await engine.HeadAsync(path, cancellationToken);
        await engine.VersionAsync(path, version, cancellationToken);
        await AuditAsync([Entry(by, AuditAction.Activate, path) with { Version = version }], cancellationToken);
        var previous = await engine.ActivateAsync(path, version);
        metrics.Changed("activate");
        watchers.WakeSecret(path);
        rotations.Wake(path);
        return previous;
    }

    /// <summary>The secrets whose paths begin with a prefix and come after a path, sorted.</summary>
    public async Task<IReadOnlyList<SecretListing>> ListAsync(
        Operator by, string prefix, string after, int limit, CancellationToken cancellationToken)
    {
        var entry = new AuditEntry(AuditAction.List, Allowed: true) { Operator = by.Name, Path = prefix };
        await AuditAsync([entry], cancellationToken);
        return await engine.ListAsync(prefix, after, limit, cancellationToken);
    }

    /// <summary>The versions of a secret, newest first, and which is active.</summary>
    /// <exception cref="RequestFailedException">There is no such secret.</exception>
    public async Task<(SecretHead Head, IReadOnlyList<SecretVersion> Versions)> VersionsAsync(
        Operator by, SecretPath path, CancellationToken cancellationToken)
    {
        await AuditAsync([Entry(by, AuditAction.List, path)], cancellationToken);
        var head = await engine.HeadAsync(path, cancellationToken);
        return (head, await engine.VersionsAsync(path, cancellationToken));
    }

    /// <summary>A version's fields: identifiers with their values, secrets only if they are revealed.</summary>
    /// <param name="by">Who asks.</param>
    /// <param name="path">Where.</param>
    /// <param name="version">0: the active one.</param>
    /// <param name="reveal">Show secret values.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>
    /// Whether it is the active version; its number; its fields, which the caller disposes when they are sent.
    /// </returns>
    /// <exception cref="RequestFailedException">There is no such version, or none that anybody is shown.</exception>
    public async Task<(bool Active, ulong Version, IReadOnlyList<OpenField> Fields)> ShowAsync(
        Operator by, SecretPath path, ulong version, bool reveal, CancellationToken cancellationToken)
    {
        var attempt = Entry(by, reveal ? AuditAction.Reveal : AuditAction.Show, path);
        if (!mounts.Serves(path))
        {
            // What an engine keeps there is its own, as the key of a CA.
            await AuditAsync([attempt with { Allowed = false, Version = version }], cancellationToken);
            throw new RequestFailedException(ErrorReason.SecretNotFound, $"there is no secret {path}", path);
        }

        var head = await engine.HeadAsync(path, cancellationToken);
        if (version == 0 && head.ActiveVersion == 0)
            throw new RequestFailedException(ErrorReason.VersionNotFound, $"no version of {path} is active", path);
        var found = await engine.VersionAsync(path, version == 0 ? head.ActiveVersion : version, cancellationToken);
        var shown = found.Fields.Where(field => reveal || field.Class == FieldClass.Identifier)
            .Select(field => field.Name).ToList();
        await AuditAsync([attempt with { Version = found.Version, Fields = shown }], cancellationToken);
        var fields = await engine.OpenAsync(found, field => shown.Contains(field.Name), cancellationToken);
        return (found.Version == head.ActiveVersion, found.Version, fields);
    }

    /// <summary>Prepare, audit, store; if somebody else's version was faster, again with the next number.</summary>
    private async Task<SecretVersion> AddVersionAsync(
        Operator by, bool activate, Func<Task<SecretVersion>> prepare, CancellationToken cancellationToken)
    {
        while (true)
        {
            var version = await prepare();
            await AuditAsync(
                [
                    Entry(by, AuditAction.Put, version.Path) with
                    {
                        Version = version.Version,
                        Fields = [.. version.Fields.Select(field => field.Name)],
                    },
                ],
                cancellationToken);
            if (!await engine.StoreAsync(version, activate))
                continue;
            metrics.Changed("put");
            if (activate)
            {
                watchers.WakeSecret(version.Path);
                rotations.Wake(version.Path);
            }

            return version;
        }
    }

    private static AuditEntry Entry(Operator by, AuditAction action, SecretPath path) =>
        new(action, Allowed: true) { Operator = by.Name, Path = path.ToString() };
}
