namespace SidecarAgent.Broker.Storage;

/// <summary>The tables of rotations and their schedules.</summary>
internal static class RotationSchema
{
    public static IReadOnlyList<string> Step(SqlDialect dialect) =>
    [
        $"""
        CREATE TABLE rotation (
            id {dialect.Text} NOT NULL PRIMARY KEY,
            path {dialect.Text} NOT NULL,
            state INTEGER NOT NULL,
            began_by INTEGER NOT NULL,
            operator {dialect.Text} NOT NULL,
            from_version BIGINT NOT NULL,
            to_version BIGINT NOT NULL,
            overlap BIGINT NOT NULL,
            tainted INTEGER NOT NULL,
            tainted_meanwhile INTEGER NOT NULL,
            old_revoked INTEGER NOT NULL,
            ignores_rejections INTEGER NOT NULL,
            attempts INTEGER NOT NULL,
            retry_at BIGINT,
            reason {dialect.Text},
            started_at BIGINT NOT NULL,
            activated_at BIGINT,
            deadline BIGINT,
            converged_at BIGINT,
            ended_at BIGINT,
            left_behind INTEGER NOT NULL,
            revision BIGINT NOT NULL)
        """,
        "CREATE UNIQUE INDEX rotation_open ON rotation (path) WHERE ended_at IS NULL",
        "CREATE INDEX rotation_by_path ON rotation (path, started_at)",
        $"""
        CREATE TABLE rotation_schedule (
            path {dialect.Text} NOT NULL PRIMARY KEY,
            every BIGINT,
            cron {dialect.Text},
            set_at BIGINT NOT NULL,
            set_by {dialect.Text} NOT NULL)
        """,
    ];
}
