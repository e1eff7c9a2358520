using System.Data.Common;
using SidecarAgent.Broker.Crypto;
using SidecarAgent.Broker.Secrets;

namespace SidecarAgent.Broker.Storage;

/// <summary>
/// What a wrapped data key stands beside: every table with the columns <c>key_id</c> and <c>wrapped_key</c>. A row's
/// data key may be wrapped anew at any time; everything else about it stays.
/// </summary>
/// <param name="Name">Of the table. A constant of the program, as all that becomes SQL here.</param>
/// <param name="Key">Names of its primary key's columns, in order; the first is the path of the secret that it belongs to.</param>
internal sealed record WrappedKeyTable(string Name, IReadOnlyList<string> Key)
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<WrappedKeyTable> All { get; } =
    [
        new("secret_field", ["path", "version", "name"]),
    ];

    /// <summary>The step of the schema that lets rows be found by what wrapped them.</summary>
    public static IReadOnlyList<string> Indexes { get; } =
        ["CREATE INDEX secret_field_by_wrapping_key ON secret_field (key_id, path, version, name)"];

    /// <returns>The ids of all keys that have wrapped anything that is stored, sorted.</returns>
    public static async Task<IReadOnlyList<string>> KeyIdsAsync(Session session, CancellationToken cancellationToken)
    {
        var ids = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var table in All)
            ids.UnionWith((await table.CountAsync(session, cancellationToken)).Select(count => count.KeyId));
        return [.. ids];
    }

    /// <returns>How many rows each key has wrapped.</returns>
    public Task<List<(string KeyId, long Rows)>> CountAsync(Session session, CancellationToken cancellationToken) =>
        session.Statement($"SELECT key_id, COUNT(*) FROM {Name} GROUP BY key_id")
            .ListAsync(row => (row.GetString(0), row.GetInt64(1)), cancellationToken);

    /// <summary>Rows that one key has wrapped, in the order of their primary keys.</summary>
    /// <param name="session">Where to read.</param>
    /// <param name="keyId">The key.</param>
    /// <param name="after">Only rows after this one; null: from the first.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<List<Row>> ListAsync(
        Session session, string keyId, Row? after, int limit, CancellationToken cancellationToken)
    {
        var columns = string.Join(", ", Key);
        var places = string.Join(", ", Key.Select((_, i) => $"@after{i}"));
        var statement = session.Statement(
            $"""
            SELECT wrapped_key, {columns} FROM {Name} WHERE key_id = @key_id
            {(after is null ? "" : $"AND ({columns}) > ({places})")} ORDER BY {columns} LIMIT @limit
            """)
            .With("key_id", keyId).With("limit", limit);
        for (var i = 0; after is not null && i < Key.Count; i++)
            statement = statement.With($"after{i}", after.Key[i]);
        return statement.ListAsync(row => Read(row, keyId), cancellationToken);
    }

    /// <summary>Writes a data key that was wrapped anew, unless somebody else has done so, or the row is gone.</summary>
    public async Task<bool> ReplaceAsync(Session session, Row row, WrappedKey wrapped, CancellationToken cancellationToken)
    {
        var match = string.Join(" AND ", Key.Select((column, i) => $"{column} = @row{i}"));
        var statement = session.Statement(
            $"""
            UPDATE {Name} SET key_id = @key_id, wrapped_key = @wrapped_key
            WHERE {match} AND key_id = @old_id AND wrapped_key = @old_key
            """)
            .With("key_id", wrapped.KeyId).With("wrapped_key", wrapped.Bytes)
            .With("old_id", row.Wrapped.KeyId).With("old_key", row.Wrapped.Bytes);
        for (var i = 0; i < Key.Count; i++)
            statement = statement.With($"row{i}", row.Key[i]);
        if (await statement.ExecuteAsync(cancellationToken) == 0)
            return false;
        // What is kept in memory is sealed under the earlier key, which may go away.
        session.Changes.Add(new CacheChange(SecretPath.Parse((string)row.Key[0])));
        return true;
    }

    private Row Read(DbDataReader row, string keyId) => new(
        new WrappedKey(keyId, row.Bytes(0)), [.. Enumerable.Range(1, Key.Count).Select(row.GetValue)]);

    /// <summary>A wrapped data key and the values of its row's primary key.</summary>
    public sealed record Row(WrappedKey Wrapped, IReadOnlyList<object> Key);
}
