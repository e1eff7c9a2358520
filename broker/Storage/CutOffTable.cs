using System.Data.Common;
using SidecarAgent.Broker.Leases;

namespace SidecarAgent.Broker.Storage;

/// <summary>What is cut off now.</summary>
internal static class CutOffTable
{
    public static Task AddAsync(Session session, CutOff cutOff, CancellationToken cancellationToken) =>
        session.Statement(
            """
            INSERT INTO cut_off (id, kind, target, reason, since, made_by)
            VALUES (@id, @kind, @target, @reason, @since, @made_by)
            """)
            .With("id", cutOff.Id).With("kind", cutOff.Kind).With("target", cutOff.Target)
            .With("reason", cutOff.Reason).With("since", cutOff.Since).With("made_by", cutOff.By)
            .ExecuteAsync(cancellationToken);

    /// <returns>False: there is none of that id.</returns>
    public static async Task<bool> RemoveAsync(Session session, string id, CancellationToken cancellationToken) =>
        await session.Statement("DELETE FROM cut_off WHERE id = @id").With("id", id).ExecuteAsync(cancellationToken) > 0;

    /// <returns>Oldest first.</returns>
    public static Task<List<CutOff>> ListAsync(Session session, CancellationToken cancellationToken) =>
        session.Statement("SELECT id, kind, target, reason, since, made_by FROM cut_off ORDER BY since, id")
            .ListAsync(CutOff, cancellationToken);

    private static CutOff CutOff(DbDataReader row) => new(
        row.GetString(0), (CutOffKind)row.GetInt32(1), row.GetString(2), row.GetString(3), row.Time(4), row.GetString(5));
}
