namespace SidecarAgent.Broker.Storage;

/// <summary>
/// The tables, as steps that lead from each version of the schema to the next. A step that was ever released is never
/// changed; there is no way back.
/// </summary>
internal static partial class Schema
{
    private const string ReadVersion = "SELECT version FROM schema_version";

    public static int Newest => Steps(SqlDialect.Sqlite).Count;

    /// <exception cref="CannotStartException">The database is newer than this broker, or not a broker's at all.</exception>
    public static async Task MigrateAsync(Session session, string name, CancellationToken cancellationToken)
    {
        var steps = Steps(session.Dialect);
        var version = await VersionAsync(session, name, cancellationToken);
        if (version > steps.Count)
        {
            throw new CannotStartException(
                $"The database {name} was written by a newer broker (schema {version}, this broker knows {steps.Count}). "
                + "Start that broker again, or restore the backup from before the upgrade.");
        }

        for (; version < steps.Count; version++)
        {
            await session.ExecuteAsync(session.Dialect.BeginWrite, cancellationToken);
            foreach (var sql in steps[version])
                await session.Statement(sql).Unhurried().ExecuteAsync(cancellationToken);
            await session.Statement("UPDATE schema_version SET version = @version")
                .With("version", version + 1).ExecuteAsync(cancellationToken);
            await session.ExecuteAsync("COMMIT", cancellationToken);
        }
    }

    /// <returns>Null: it is no broker's database, or an empty one.</returns>
    public static async Task<int?> KnownVersionAsync(Session session, CancellationToken cancellationToken)
    {
        var known = await session.Statement(session.Dialect.HasTable)
            .With("name", "schema_version").NumberAsync(cancellationToken);
        return known > 0 ? (int)await session.Statement(ReadVersion).NumberAsync(cancellationToken) : null;
    }

    private static async Task<int> VersionAsync(Session session, string name, CancellationToken cancellationToken)
    {
        if (await KnownVersionAsync(session, cancellationToken) is { } known)
            return known;
        if (await session.Statement(session.Dialect.CountTables).NumberAsync(cancellationToken) > 0)
            throw new CannotStartException($"The database {name} belongs to another program. Configure another, for the broker alone.");

        await session.ExecuteAsync(session.Dialect.BeginWrite, cancellationToken);
        await session.ExecuteAsync("CREATE TABLE schema_version (version INTEGER NOT NULL)", cancellationToken);
        await session.ExecuteAsync("INSERT INTO schema_version (version) VALUES (0)", cancellationToken);
        await session.ExecuteAsync("COMMIT", cancellationToken);
        return 0;
    }

    internal static IReadOnlyList<IReadOnlyList<string>> Steps(SqlDialect dialect) =>
        [
            First(dialect), Credentials(dialect), RotationSchema.Step(dialect), WrappedKeyTable.Indexes, Generators(dialect),
            Pki(dialect), OriginTable.Step(dialect), AccessTable.Step(dialect), VersionTable.Step,
            EndOfCertificates,
        ];

    private static IReadOnlyList<string> First(SqlDialect dialect) =>
    [
        $"""
        CREATE TABLE secret (
            path {dialect.Text} NOT NULL PRIMARY KEY,
            newest_version BIGINT NOT NULL,
            active_version BIGINT NOT NULL,
            activated_at BIGINT)
        """,
        $"""
        CREATE TABLE secret_version (
            path {dialect.Text} NOT NULL REFERENCES secret (path),
            version BIGINT NOT NULL,
            created_at BIGINT NOT NULL,
            created_by {dialect.Text} NOT NULL,
            PRIMARY KEY (path, version))
        """,
        $"""
        CREATE TABLE secret_field (
            path {dialect.Text} NOT NULL,
            version BIGINT NOT NULL,
            name {dialect.Text} NOT NULL,
            class INTEGER NOT NULL,
            generator_length INTEGER,
            generator_alphabet {dialect.Text},
            key_id {dialect.Text} NOT NULL,
            wrapped_key {dialect.Bytes} NOT NULL,
            box {dialect.Bytes} NOT NULL,
            PRIMARY KEY (path, version, name),
            FOREIGN KEY (path, version) REFERENCES secret_version (path, version))
        """,
        $"""
        CREATE TABLE lease (
            id {dialect.Text} NOT NULL PRIMARY KEY,
            holder {dialect.Text} NOT NULL,
            path {dialect.Text} NOT NULL,
            version BIGINT NOT NULL,
            fields {dialect.Text} NOT NULL,
            issuer {dialect.Text} NOT NULL,
            namespace {dialect.Text} NOT NULL,
            service_account {dialect.Text} NOT NULL,
            pod {dialect.Text},
            pod_uid {dialect.Text},
            node {dialect.Text},
            issued_at BIGINT NOT NULL,
            expires_at BIGINT NOT NULL,
            max_expires_at BIGINT NOT NULL,
            outcome INTEGER NOT NULL,
            acknowledged_at BIGINT,
            reason {dialect.Text},
            UNIQUE (holder, path, version))
        """,
        "CREATE INDEX lease_by_path ON lease (path)",
        "CREATE INDEX lease_by_expiry ON lease (expires_at)",
        $"""
        CREATE TABLE cut_off (
            id {dialect.Text} NOT NULL PRIMARY KEY,
            kind INTEGER NOT NULL,
            target {dialect.Text} NOT NULL,
            reason {dialect.Text} NOT NULL,
            since BIGINT NOT NULL,
            made_by {dialect.Text} NOT NULL)
        """,
    ];
}
