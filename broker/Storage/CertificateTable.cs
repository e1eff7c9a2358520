namespace SidecarAgent.Broker.Storage;

/// <summary>The certificates of the broker's own CAs that have not ended.</summary>
internal static class CertificateTable
{
    public static Task<int> AddAsync(
        Session session, string mount, string serial, DateTimeOffset notAfter, CancellationToken cancellationToken) =>
        session.Statement("INSERT INTO certificate (mount, serial, not_after) VALUES (@mount, @serial, @not_after)")
            .With("mount", mount).With("serial", serial).With("not_after", notAfter).ExecuteAsync(cancellationToken);

    /// <summary>Revokes one, unless it is revoked already; forgets those of the mount that have ended.</summary>
    public static async Task RevokeAsync(
        Session session, string mount, string serial, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await session.Statement("DELETE FROM certificate WHERE mount = @mount AND not_after < @now")
            .With("mount", mount).With("now", now).ExecuteAsync(cancellationToken);
        await session.Statement(
            "UPDATE certificate SET revoked_at = @now WHERE mount = @mount AND serial = @serial AND revoked_at IS NULL")
            .With("mount", mount).With("serial", serial).With("now", now).ExecuteAsync(cancellationToken);
    }

    /// <summary>Those that are revoked and have not ended, oldest first.</summary>
    public static Task<List<(string Serial, DateTimeOffset RevokedAt)>> RevokedAsync(
        Session session, string mount, DateTimeOffset now, CancellationToken cancellationToken) =>
        session.Statement(
            """
            SELECT serial, revoked_at FROM certificate
            WHERE mount = @mount AND revoked_at IS NOT NULL AND not_after >= @now ORDER BY revoked_at, serial
            """)
            .With("mount", mount).With("now", now)
            .ListAsync(row => (row.GetString(0), row.Time(1)), cancellationToken);
}
