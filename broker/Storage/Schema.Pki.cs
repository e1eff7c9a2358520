namespace SidecarAgent.Broker.Storage;

internal static partial class Schema
{
    /// <summary>Certificates that have not ended: their serial numbers, and which of them are revoked.</summary>
    private static IReadOnlyList<string> Pki() =>
    [
        """
        CREATE TABLE certificate (
            mount TEXT NOT NULL,
            serial TEXT NOT NULL,
            not_after BIGINT NOT NULL,
            revoked_at BIGINT,
            PRIMARY KEY (mount, serial))
        """,
    ];
}
