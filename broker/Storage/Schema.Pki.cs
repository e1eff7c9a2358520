namespace SidecarAgent.Broker.Storage;

internal static partial class Schema
{
    /// <summary>Certificates that have not ended: their serial numbers, and which of them are revoked.</summary>
    private static IReadOnlyList<string> Pki(SqlDialect dialect) =>
    [
        $"""
        CREATE TABLE certificate (
            mount {dialect.Text} NOT NULL,
            serial {dialect.Text} NOT NULL,
            not_after BIGINT NOT NULL,
            revoked_at BIGINT,
            PRIMARY KEY (mount, serial))
        """,
    ];

    /// <summary>Each one that is revoked takes those along that have ended: they are found without looking at all the others.</summary>
    private static IReadOnlyList<string> EndOfCertificates { get; } =
        ["CREATE INDEX certificate_by_end ON certificate (mount, not_after)"];
}
