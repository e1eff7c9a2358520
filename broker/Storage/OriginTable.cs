namespace SidecarAgent.Broker.Storage;

/// <summary>One row that says of a database which it is, so that a copy is known for one, and which broker used it last.</summary>
internal static class OriginTable
{
    public static IReadOnlyList<string> Step(SqlDialect dialect) =>
    [
        $"CREATE TABLE origin (home {dialect.Text} NOT NULL, copied_at BIGINT, owner {dialect.Text} NOT NULL)",
        "INSERT INTO origin (home, copied_at, owner) VALUES ('', NULL, '')",
    ];

    public static async Task<Origin> ReadAsync(Session session, CancellationToken cancellationToken) =>
        (await session.Statement("SELECT home, copied_at, owner FROM origin")
            .FirstAsync(row => new Origin(row.GetString(0), row.OptionalTime(1), row.GetString(2)), cancellationToken))!;

    public static Task WriteAsync(Session session, Origin origin, CancellationToken cancellationToken) =>
        session.Statement("UPDATE origin SET home = @home, copied_at = @copied_at, owner = @owner")
            .With("home", origin.Home).With("copied_at", origin.CopiedAt).With("owner", origin.Owner)
            .ExecuteAsync(cancellationToken);
}

/// <summary>Which database it is.</summary>
/// <param name="Home">Where it was used last, as its server knows the place; empty: never, or in a file.</param>
/// <param name="CopiedAt">Set in a backup that was not used yet: when it was made.</param>
/// <param name="Owner">The token of the broker that used it last.</param>
internal sealed record Origin(string Home, DateTimeOffset? CopiedAt, string Owner);
