using SidecarAgent.Broker.Crypto;
using SidecarAgent.Broker.Leases;
using SidecarAgent.Broker.Secrets;
using SidecarAgent.Broker.Storage;

namespace SidecarAgent.Broker.Engines;

/// <summary>
/// Secrets that people or generators put: numbered versions of sealed fields. A change is made in two steps, so that
/// the gate can audit between them: prepare (everything that can fail), then store (one transaction).
/// </summary>
internal sealed partial class KeyValueEngine(
    Database database, FieldSealer sealer, IReadOnlySet<string> mounts, TimeProvider clock) : ISecretEngine
{
    /// <summary>Whether the path's mount is configured. What lies below a mount that is not, is not served.</summary>
    public bool Serves(SecretPath path) => mounts.Contains(path.Mount);

    public async Task<Facts> ReadAsync(
        Session session, string holder, SecretPath path, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var head = await SecretTable.HeadAsync(session, path, cancellationToken);
        if (head is not { ActiveVersion: > 0 })
            return new Facts(head, [], null);
        var active = database.Cache.FindVersion(path, head.ActiveVersion)
            ?? await SecretTable.VersionAsync(session, path, head.ActiveVersion, cancellationToken);
        if (active is null)
            return new Facts(head, [], null);
        var held = await LeaseTable.OfHolderAsync(session, holder, path, now, cancellationToken);
        var secret = new StoredSecret(head, active);
        session.Fill?.Keep(secret, holder, held);
        return secret.FactsOf(held, now);
    }

    public LeaseTerms Limit(SecretPath path, LeaseTerms granted) => granted;

    /// <summary>Seals a new version of the given fields, with fresh values for the generated ones.</summary>
    /// <param name="path">Where.</param>
    /// <param name="fields">The whole version.</param>
    /// <param name="expectedVersion">If present, what the newest version must be; 0: there must be none yet.</param>
    /// <param name="by">The operator.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="RequestFailedException">The mount does not exist, or the newest version is another one.</exception>
    public async Task<SecretVersion> PreparePutAsync(
        SecretPath path, IReadOnlyList<NewField> fields, ulong? expectedVersion, string by,
        CancellationToken cancellationToken)
    {
        RequireMount(path);
        var head = await database.ReadAsync(s => SecretTable.HeadAsync(s, path, cancellationToken), cancellationToken);
        var newest = head?.NewestVersion ?? 0;
        if (expectedVersion is { } expected && expected != newest)
        {
            throw new RequestFailedException(
                ErrorReason.VersionMismatch,
                $"the newest version of {path} is {newest}, and {expected} was expected", path);
        }

        return await SealAsync(path, newest + 1, by, fields, cancellationToken);
    }

    /// <summary>Looks whether a rotation of the secret would change anything.</summary>
    /// <returns>Its newest version number, and the version that is served.</returns>
    /// <exception cref="RequestFailedException">There is no such secret, or nothing in it is generated.</exception>
    public async Task<(ulong Newest, SecretVersion Active)> RequireRotatableAsync(
        SecretPath path, CancellationToken cancellationToken)
    {
        RequireMount(path);
        var head = await HeadAsync(path, cancellationToken);
        if (head.ActiveVersion == 0)
            throw new RequestFailedException(ErrorReason.NothingToRotate, $"no version of {path} is active", path);
        var active = await VersionAsync(path, head.ActiveVersion, cancellationToken);
        if (active.Fields.All(field => field.Generator is null))
        {
            throw new RequestFailedException(
                ErrorReason.NothingToRotate,
                $"no field of {path} is generated, so the broker cannot make a fresh value; put a new version instead", path);
        }

        return (head.NewestVersion, active);
    }

    /// <summary>Seals a new version with a fresh value for every generated field; the other fields stay.</summary>
    /// <exception cref="RequestFailedException">There is no such secret, or nothing in it is generated.</exception>
    public async Task<SecretVersion> PrepareRotationAsync(SecretPath path, string by, CancellationToken cancellationToken)
    {
        var (newest, active) = await RequireRotatableAsync(path, cancellationToken);
        var fields = new List<NewField>();
        try
        {
            // A public key is made again, with its private one.
            var derived = active.Fields.Where(field => field.Generator is { MakesKeyPair: true })
                .Select(field => Generated.PublicKeyField(field.Name)).ToHashSet();
            foreach (var field in active.Fields.Where(field => !derived.Contains(field.Name)))
            {
                var kept = field.Generator is null
                    ? await sealer.OpenAsync(Address(active, field), field.Sealed, cancellationToken)
                    : null;
                fields.Add(new NewField(field.Name, field.Class, kept, field.Generator));
            }

            return await SealAsync(path, newest + 1, by, fields, cancellationToken);
        }
        finally
        {
            fields.ForEach(field => field.Value?.Dispose());
        }
    }

    /// <returns>False: another version has taken the number meanwhile, and nothing was stored.</returns>
    public Task<bool> StoreAsync(SecretVersion version, bool activate) =>
        database.WriteAsync(
            async session =>
            {
                if (!await SecretTable.AddAsync(session, version, CancellationToken.None))
                    return false;
                if (activate)
                {
                    await SecretTable.ActivateAsync(
                        session, version.Path, version.Version, clock.GetUtcNow(), CancellationToken.None);
                }

                return true;
            },
            CancellationToken.None);

    /// <summary>Makes a version, newer or older, the one that is served.</summary>
    /// <returns>The version that was served until now; 0: none was.</returns>
    public Task<ulong> ActivateAsync(SecretPath path, ulong version) =>
        database.WriteAsync(
            async session =>
            {
                var head = await SecretTable.HeadAsync(session, path, CancellationToken.None)
                    ?? throw new RequestFailedException(ErrorReason.SecretNotFound, $"there is no secret {path}", path);
                if (head.ActiveVersion != version)
                {
                    RequireUsable(await RequireAsync(session, path, version));
                    await SecretTable.ActivateAsync(session, path, version, clock.GetUtcNow(), CancellationToken.None);
                }

                return head.ActiveVersion;
            },
            CancellationToken.None);

    /// <returns>Null: there is no such secret.</returns>
    public Task<SecretHead?> FindHeadAsync(SecretPath path, CancellationToken cancellationToken) =>
        database.ReadAsync(s => SecretTable.HeadAsync(s, path, cancellationToken), cancellationToken);

    /// <exception cref="RequestFailedException">There is no such secret.</exception>
    public async Task<SecretHead> HeadAsync(SecretPath path, CancellationToken cancellationToken) =>
        await FindHeadAsync(path, cancellationToken)
        ?? throw new RequestFailedException(ErrorReason.SecretNotFound, $"there is no secret {path}", path);

    /// <returns>Null: there is no such version.</returns>
    public async ValueTask<SecretVersion?> FindVersionAsync(
        SecretPath path, ulong version, CancellationToken cancellationToken) =>
        database.Cache.FindVersion(path, version)
        ?? await database.ReadAsync(s => SecretTable.VersionAsync(s, path, version, cancellationToken), cancellationToken);

    /// <exception cref="RequestFailedException">There is no such version, or it is deleted.</exception>
    public async Task<SecretVersion> VersionAsync(SecretPath path, ulong version, CancellationToken cancellationToken) =>
        await FindVersionAsync(path, version, cancellationToken) is { } found
            ? RequireUsable(found)
            : throw new RequestFailedException(ErrorReason.VersionNotFound, $"{path} has no version {version}", path);

    /// <returns>Every version, newest first.</returns>
    public Task<IReadOnlyList<SecretVersion>> VersionsAsync(SecretPath path, CancellationToken cancellationToken) =>
        database.ReadAsync(s => SecretTable.VersionsAsync(s, path, cancellationToken), cancellationToken);

    /// <inheritdoc cref="SecretTable.ListAsync"/>
    public Task<List<SecretListing>> ListAsync(
        string prefix, string after, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync(
            s => SecretTable.ListAsync(s, prefix, after, limit, clock.GetUtcNow(), cancellationToken), cancellationToken);

    /// <summary>Opens the fields for which <paramref name="isWanted"/>; the others come without a value.</summary>
    /// <exception cref="System.Security.Cryptography.CryptographicException">A field cannot be opened.</exception>
    public async Task<IReadOnlyList<OpenField>> OpenAsync(
        SecretVersion version, Func<StoredField, bool> isWanted, CancellationToken cancellationToken)
    {
        var open = new List<OpenField>(version.Fields.Count);
        try
        {
            foreach (var field in version.Fields)
            {
                var value = isWanted(field)
                    ? await sealer.OpenAsync(Address(version, field), field.Sealed, cancellationToken)
                    : null;
                open.Add(new OpenField(field.Name, field.Class, value));
            }

            return open;
        }
        catch
        {
            open.ForEach(field => field.Dispose());
            throw;
        }
    }

    private static FieldAddress Address(SecretVersion version, StoredField field) =>
        new(version.Path, version.Version, field.Name, field.Class);

    /// <summary>Seals a version of the given fields, of whatever mount.</summary>
    /// <param name="path">Where.</param>
    /// <param name="number">Of the version.</param>
    /// <param name="by">Who makes it.</param>
    /// <param name="fields">The whole version; the caller disposes their values.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<SecretVersion> SealAsync(
        SecretPath path, ulong number, string by, IReadOnlyList<NewField> fields, CancellationToken cancellationToken)
    {
        var stored = new List<StoredField>(fields.Count);
        foreach (var field in fields)
        {
            using var fresh = field.Generator?.Generate();
            var value = fresh?.Value ?? field.Value ?? throw new InvalidOperationException("A field has neither value nor generator.");
            await AddAsync(field.Name, field.Class, field.Generator, value.Memory);
            if (fresh?.PublicKey is { } publicKey)
                await AddAsync(Generated.PublicKeyField(field.Name), FieldClass.Identifier, null, publicKey);
        }

        stored.Sort((one, other) => string.CompareOrdinal(one.Name, other.Name));
        return new SecretVersion(path, number, clock.GetUtcNow(), by, stored)
        {
            Keep = MaxVersions.GetValueOrDefault(path.Mount, DefaultVersions),
        };

        async Task AddAsync(string name, FieldClass fieldClass, Generator? generator, ReadOnlyMemory<byte> value) =>
            stored.Add(new StoredField(
                name, fieldClass, generator,
                await sealer.SealAsync(new FieldAddress(path, number, name, fieldClass), value, cancellationToken)));
    }

    private void RequireMount(SecretPath path)
    {
        if (Serves(path))
            return;
        throw new RequestFailedException(
            ErrorReason.RequestInvalid,
            $"there is no mount {path.Mount}; there is {string.Join(", ", mounts.Order(StringComparer.Ordinal))}", path);
    }
}
