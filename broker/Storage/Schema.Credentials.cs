namespace SidecarAgent.Broker.Storage;

internal static partial class Schema
{
    /// <summary>Accounts outside; and an index that leases are counted from without reading them.</summary>
    private static IReadOnlyList<string> Credentials() =>
    [
        """
        CREATE TABLE credential (
            id TEXT NOT NULL PRIMARY KEY,
            holder TEXT NOT NULL,
            issuer TEXT NOT NULL,
            namespace TEXT NOT NULL,
            service_account TEXT NOT NULL,
            pod TEXT,
            pod_uid TEXT,
            node TEXT,
            mount TEXT NOT NULL,
            path TEXT NOT NULL,
            version BIGINT NOT NULL,
            role TEXT NOT NULL,
            account TEXT NOT NULL,
            state INTEGER NOT NULL,
            created_at BIGINT NOT NULL,
            in_doubt_until BIGINT NOT NULL,
            valid_until BIGINT,
            ended_at BIGINT,
            attempts INTEGER NOT NULL,
            next_attempt_at BIGINT,
            problem TEXT,
            UNIQUE (path, version))
        """,
        "CREATE INDEX credential_by_holder ON credential (holder)",
        "CREATE INDEX credential_by_due ON credential (next_attempt_at, mount)",
        "CREATE INDEX credential_by_state ON credential (state, mount)",
        "DROP INDEX lease_by_path",
        "CREATE INDEX lease_by_path ON lease (path, expires_at)",
    ];
}
