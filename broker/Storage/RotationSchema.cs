namespace SidecarAgent.Broker.Storage;

/// <summary>The tables of rotations and their schedules.</summary>
internal static class RotationSchema
{
    public static IReadOnlyList<string> Step { get; } =
    [
        """
        CREATE TABLE rotation (
            id TEXT NOT NULL PRIMARY KEY,
            path TEXT NOT NULL,
            state INTEGER NOT NULL,
            began_by INTEGER NOT NULL,
            operator TEXT NOT NULL,
            from_version BIGINT NOT NULL,
            to_version BIGINT NOT NULL,
            overlap BIGINT NOT NULL,
            tainted INTEGER NOT NULL,
            tainted_meanwhile INTEGER NOT NULL,
            old_revoked INTEGER NOT NULL,
            ignores_rejections INTEGER NOT NULL,
            attempts INTEGER NOT NULL,
            retry_at BIGINT,
            reason TEXT,
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
        """
        CREATE TABLE rotation_schedule (
            path TEXT NOT NULL PRIMARY KEY,
            every BIGINT,
            cron TEXT,
            set_at BIGINT NOT NULL,
            set_by TEXT NOT NULL)
        """,
    ];
}
