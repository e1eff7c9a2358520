namespace SidecarAgent.Broker.Storage;

internal static partial class Schema
{
    /// <summary>Accounts outside; and an index that leases are counted from without reading them.</summary>
    private static IReadOnlyList<string> Credentials(SqlDialect dialect) =>
    [
        $"""
        CREATE TABLE credential (
            id {dialect.Text} NOT NULL PRIMARY KEY,
            holder {dialect.Text} NOT NULL,
            issuer {dialect.Text} NOT NULL,
            namespace {dialect.Text} NOT NULL,
            service_account {dialect.Text} NOT NULL,
            pod {dialect.Text},
            pod_uid {dialect.Text},
            node {dialect.Text},
            mount {dialect.Text} NOT NULL,
            path {dialect.Text} NOT NULL,
            version BIGINT NOT NULL,
            role {dialect.Text} NOT NULL,
            account {dialect.Text} NOT NULL,
            state INTEGER NOT NULL,
            created_at BIGINT NOT NULL,
            in_doubt_until BIGINT NOT NULL,
            valid_until BIGINT,
            ended_at BIGINT,
            attempts INTEGER NOT NULL,
            next_attempt_at BIGINT,
            problem {dialect.Text},
            UNIQUE (path, version))
        """,
        "CREATE INDEX credential_by_holder ON credential (holder)",
        "CREATE INDEX credential_by_due ON credential (next_attempt_at, mount)",
        "CREATE INDEX credential_by_state ON credential (state, mount)",
        "DROP INDEX lease_by_path",
        "CREATE INDEX lease_by_path ON lease (path, expires_at)",
    ];
}
