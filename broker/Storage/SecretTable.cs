using System.Data.Common;
using SidecarAgent.Broker.Crypto;
using SidecarAgent.Broker.Secrets;

namespace SidecarAgent.Broker.Storage;

/// <summary>Secrets, their versions and their sealed fields. A version is never changed after it was added.</summary>
internal static class SecretTable
{
    private const string HeadColumns = "path, newest_version, active_version, activated_at, withdrawn_at";

    private const string VersionColumns = "version, created_at, created_by, deleted_at, destroyed_at";

    public static Task<SecretHead?> HeadAsync(Session session, SecretPath path, CancellationToken cancellationToken) =>
        session.Statement($"SELECT {HeadColumns} FROM secret WHERE path = @path")
            .With("path", path.ToString()).FirstAsync(Head, cancellationToken);

    /// <summary>Whether this is the version that is served; also true where nothing is stored, but made for each holder.</summary>
    public static async Task<bool> IsServedAsync(
        Session session, SecretPath path, ulong version, CancellationToken cancellationToken) =>
        await session.Statement("SELECT COUNT(*) FROM secret WHERE path = @path AND active_version NOT IN (0, @version)")
            .With("path", path.ToString()).With("version", version).NumberAsync(cancellationToken) == 0;

    /// <summary>Adds a version whose number is one more than the newest; it is not served yet.</summary>
    /// <returns>False: the newest version is another one by now, and nothing was added.</returns>
    public static async Task<bool> AddAsync(Session session, SecretVersion version, CancellationToken cancellationToken)
    {
        session.Changes.Add(new CacheChange(version.Path));
        var path = version.Path.ToString();
        var claimed = version.Version == 1
            ? await session.Statement(
                """
                INSERT INTO secret (path, newest_version, active_version) VALUES (@path, 1, 0)
                ON CONFLICT (path) DO NOTHING
                """).With("path", path).ExecuteAsync(cancellationToken)
            : await session.Statement(
                "UPDATE secret SET newest_version = @version WHERE path = @path AND newest_version = @version - 1")
                .With("path", path).With("version", version.Version).ExecuteAsync(cancellationToken);
        if (claimed == 0)
            return false;
        await AddReservedAsync(session, version, cancellationToken);
        if (version.Keep > 0 && version.Version > (ulong)version.Keep)
        {
            await VersionTable.PruneAsync(
                session, version.Path, version.Version - (ulong)version.Keep + 1, version.CreatedAt, cancellationToken);
        }

        return true;
    }

    /// <summary>Takes the next number of a path whose versions belong to one holder each; none of them is served to all.</summary>
    public static async Task<ulong> ReserveAsync(Session session, SecretPath path, CancellationToken cancellationToken) =>
        (ulong)await session.Statement(
            """
            INSERT INTO secret (path, newest_version, active_version) VALUES (@path, 1, 0)
            ON CONFLICT (path) DO UPDATE SET newest_version = secret.newest_version + 1
            RETURNING newest_version
            """).With("path", path.ToString()).NumberAsync(cancellationToken);

    /// <summary>Adds a version whose number is taken.</summary>
    public static async Task AddReservedAsync(Session session, SecretVersion version, CancellationToken cancellationToken)
    {
        var path = version.Path.ToString();
        await session.Statement(
            """
            INSERT INTO secret_version (path, version, created_at, created_by)
            VALUES (@path, @version, @created_at, @created_by)
            """)
            .With("path", path).With("version", version.Version)
            .With("created_at", version.CreatedAt).With("created_by", version.CreatedBy)
            .ExecuteAsync(cancellationToken);
        foreach (var field in version.Fields)
            await AddFieldAsync(session, path, version.Version, field, cancellationToken);
    }

    /// <summary>Forgets a version and its values; its number is never given again.</summary>
    public static async Task RemoveAsync(
        Session session, SecretPath path, ulong version, CancellationToken cancellationToken)
    {
        session.Changes.Add(new CacheChange(path));
        await session.Statement("DELETE FROM secret_field WHERE path = @path AND version = @version")
            .With("path", path.ToString()).With("version", version).ExecuteAsync(cancellationToken);
        await session.Statement("DELETE FROM secret_version WHERE path = @path AND version = @version")
            .With("path", path.ToString()).With("version", version).ExecuteAsync(cancellationToken);
    }

    /// <summary>Makes a version of the secret, which exists, the one that is served.</summary>
    public static Task ActivateAsync(
        Session session, SecretPath path, ulong version, DateTimeOffset now, CancellationToken cancellationToken)
    {
        session.Changes.Add(new CacheChange(path));
        return session.Statement("UPDATE secret SET active_version = @version, activated_at = @now, withdrawn_at = NULL WHERE path = @path")
            .With("path", path.ToString()).With("version", version).With("now", now).ExecuteAsync(cancellationToken);
    }

    /// <returns>The version with its fields sorted by name; null: there is none of that number.</returns>
    public static async Task<SecretVersion?> VersionAsync(
        Session session, SecretPath path, ulong version, CancellationToken cancellationToken)
    {
        var found = await session.Statement(
            $"SELECT {VersionColumns} FROM secret_version WHERE path = @path AND version = @version")
            .With("path", path.ToString()).With("version", version)
            .FirstAsync(row => Version(row, path), cancellationToken);
        return found is null
            ? null
            : found with { Fields = await FieldsAsync(session, path, version, cancellationToken) };
    }

    /// <returns>The names of a version's fields, sorted.</returns>
    public static Task<List<string>> FieldNamesAsync(
        Session session, SecretPath path, ulong version, CancellationToken cancellationToken) =>
        session.Statement("SELECT name FROM secret_field WHERE path = @path AND version = @version ORDER BY name")
            .With("path", path.ToString()).With("version", version)
            .ListAsync(row => row.GetString(0), cancellationToken);

    /// <returns>Every version, newest first.</returns>
    public static async Task<IReadOnlyList<SecretVersion>> VersionsAsync(
        Session session, SecretPath path, CancellationToken cancellationToken)
    {
        var versions = await session.Statement(
            $"SELECT {VersionColumns} FROM secret_version WHERE path = @path ORDER BY version DESC")
            .With("path", path.ToString()).ListAsync(row => Version(row, path), cancellationToken);
        for (var i = 0; i < versions.Count; i++)
        {
            var fields = await FieldsAsync(session, path, versions[i].Version, cancellationToken);
            versions[i] = versions[i] with { Fields = fields };
        }

        return versions;
    }

    /// <param name="session">Where to read.</param>
    /// <param name="prefix">What the paths begin with.</param>
    /// <param name="after">Only paths after this one, in the order of the list.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="now">Leases that end later are counted as holders.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Sorted by path.</returns>
    public static Task<List<SecretListing>> ListAsync(
        Session session, string prefix, string after, int limit, DateTimeOffset now, CancellationToken cancellationToken) =>
        session.Statement(
            $"""
            SELECT {HeadColumns},
                (SELECT COUNT(*) FROM lease WHERE lease.path = secret.path AND lease.expires_at > @now)
            FROM secret
            WHERE path > @after AND substr(path, 1, length(@prefix)) = @prefix
            ORDER BY path LIMIT @limit
            """)
            .With("now", now).With("after", after).With("prefix", prefix).With("limit", limit)
            .ListAsync(row => new SecretListing(Head(row), row.Count(5)), cancellationToken);

    private static Task<int> AddFieldAsync(
        Session session, string path, ulong version, StoredField field, CancellationToken cancellationToken) =>
        session.Statement(
            """
            INSERT INTO secret_field
                (path, version, name, class, generator_kind, generator_length, generator_alphabet, generator_rules,
                 key_id, wrapped_key, box)
            VALUES (@path, @version, @name, @class, @kind, @length, @alphabet, @rules, @key_id, @wrapped_key, @box)
            """)
            .With("path", path).With("version", version).With("name", field.Name).With("class", field.Class)
            .With("kind", (int?)field.Generator?.Kind).With("length", field.Generator?.Length).With("alphabet", field.Generator?.Alphabet)
            .With("rules", field.Generator is { } generator ? string.Join('\n', generator.AtLeast) : null)
            .With("key_id", field.Sealed.Key.KeyId).With("wrapped_key", field.Sealed.Key.Bytes)
            .With("box", field.Sealed.Box)
            .ExecuteAsync(cancellationToken);

    private static Task<List<StoredField>> FieldsAsync(
        Session session, SecretPath path, ulong version, CancellationToken cancellationToken) =>
        session.Statement(
            """
            SELECT name, class, generator_length, generator_alphabet, key_id, wrapped_key, box, generator_kind, generator_rules
            FROM secret_field WHERE path = @path AND version = @version ORDER BY name
            """)
            .With("path", path.ToString()).With("version", version).ListAsync(Field, cancellationToken);

    private static SecretHead Head(DbDataReader row) =>
        new(row.Path(0), row.Number(1), row.Number(2), row.OptionalTime(3)) { WithdrawnAt = row.OptionalTime(4) };

    private static SecretVersion Version(DbDataReader row, SecretPath path) =>
        new(path, row.Number(0), row.Time(1), row.GetString(2), [])
        {
            DeletedAt = row.OptionalTime(3),
            DestroyedAt = row.OptionalTime(4),
        };

    private static StoredField Field(DbDataReader row) => new(
        row.GetString(0),
        (FieldClass)row.GetInt32(1),
        row.IsDBNull(2) ? null : Generator(row),
        new SealedField(new WrappedKey(row.GetString(4), row.Bytes(5)), row.Bytes(6)));

    private static Generator Generator(DbDataReader row) => new(row.GetInt32(2), row.GetString(3))
    {
        Kind = row.IsDBNull(7) ? GeneratorKind.Text : (GeneratorKind)row.GetInt32(7),
        AtLeast = row.IsDBNull(8) ? [] : [.. row.GetString(8).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(AtLeast.Stored)],
    };
}
