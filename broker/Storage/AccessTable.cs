using SidecarAgent.Broker.Identity;
using SidecarAgent.Broker.Secrets;

namespace SidecarAgent.Broker.Storage;

/// <summary>Which workload has been given which secret before, and when it last began a lease on it, to the day.</summary>
internal static class AccessTable
{
    /// <summary>Who holds leases when the table is made has had its first time already.</summary>
    public static IReadOnlyList<string> Step(SqlDialect dialect) =>
    [
        $"""
        CREATE TABLE access (
            issuer {dialect.Text} NOT NULL,
            namespace {dialect.Text} NOT NULL,
            service_account {dialect.Text} NOT NULL,
            path {dialect.Text} NOT NULL,
            last_at BIGINT NOT NULL,
            PRIMARY KEY (issuer, namespace, service_account, path))
        """,
        "CREATE INDEX access_by_time ON access (last_at)",
        """
        INSERT INTO access (issuer, namespace, service_account, path, last_at)
        SELECT issuer, namespace, service_account, path, MAX(issued_at) FROM lease
        GROUP BY issuer, namespace, service_account, path
        """,
    ];

    /// <returns>When the workload last began a lease on the secret, roughly; null: never, as far as is remembered.</returns>
    public static Task<DateTimeOffset?> LastAsync(
        Session session, Workload workload, SecretPath path, CancellationToken cancellationToken) =>
        Keyed(session.Statement(
            """
            SELECT last_at FROM access
            WHERE issuer = @issuer AND namespace = @namespace AND service_account = @service_account AND path = @path
            """), workload, path).FirstAsync(DateTimeOffset? (row) => row.Time(0), cancellationToken);

    /// <returns>False: it is noted already, and only its time has changed.</returns>
    public static async Task<bool> NoteAsync(
        Session session, Workload workload, SecretPath path, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var changed = await Keyed(session.Statement(
            """
            UPDATE access SET last_at = @now
            WHERE issuer = @issuer AND namespace = @namespace AND service_account = @service_account AND path = @path
            """), workload, path).With("now", now).ExecuteAsync(cancellationToken);
        if (changed > 0)
            return false;
        await Keyed(session.Statement(
            """
            INSERT INTO access (issuer, namespace, service_account, path, last_at)
            VALUES (@issuer, @namespace, @service_account, @path, @now)
            """), workload, path).With("now", now).ExecuteAsync(cancellationToken);
        return true;
    }

    /// <summary>Forgets what was long ago, unless a lease lives that goes back to it.</summary>
    /// <returns>How many it was.</returns>
    public static Task<int> ForgetAsync(Session session, DateTimeOffset before, CancellationToken cancellationToken) =>
        session.Statement(
            """
            DELETE FROM access WHERE last_at < @before AND NOT EXISTS (
                SELECT 1 FROM lease WHERE lease.path = access.path AND lease.issuer = access.issuer
                    AND lease.namespace = access.namespace AND lease.service_account = access.service_account)
            """)
            .With("before", before).ExecuteAsync(cancellationToken);

    private static Statement Keyed(Statement statement, Workload workload, SecretPath path) => statement
        .With("issuer", workload.Issuer).With("namespace", workload.Namespace)
        .With("service_account", workload.ServiceAccount).With("path", path.ToString());
}
