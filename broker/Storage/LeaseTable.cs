using System.Data.Common;
using SidecarAgent.Broker.Identity;
using SidecarAgent.Broker.Leases;
using SidecarAgent.Broker.Secrets;

namespace SidecarAgent.Broker.Storage;

/// <summary>
/// Leases that were issued and have not ended. Ending one deletes its row; the audit log remembers. A row that has
/// expired counts as ended, whether or not the reaper has come by.
/// </summary>
internal static class LeaseTable
{
    internal const string Columns =
        """
        id, issuer, namespace, service_account, pod, pod_uid, node, path, version, fields,
        issued_at, expires_at, max_expires_at, outcome, acknowledged_at, reason
        """;

    /// <summary>Adds a lease in the place of an expired one, or of the one that it replaces, if there is any.</summary>
    /// <param name="session">Where to write.</param>
    /// <param name="lease">The new lease.</param>
    /// <param name="replaced">The id of the live lease on the same version that ends with this; null: none.</param>
    /// <param name="now">Leases that end later are live.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>False: the holder has another live lease on this version by now, and nothing was added.</returns>
    public static async Task<bool> AddAsync(
        Session session, Lease lease, string? replaced, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var added = await session.Statement(
            $"""
            INSERT INTO lease (holder, {Columns})
            VALUES (@holder, @id, @issuer, @namespace, @service_account, @pod, @pod_uid, @node, @path, @version, @fields,
                @issued_at, @expires_at, @max_expires_at, 0, NULL, NULL)
            ON CONFLICT (holder, path, version) DO UPDATE SET
                id = excluded.id, fields = excluded.fields, issuer = excluded.issuer,
                namespace = excluded.namespace, service_account = excluded.service_account,
                pod = excluded.pod, pod_uid = excluded.pod_uid, node = excluded.node,
                issued_at = excluded.issued_at, expires_at = excluded.expires_at, max_expires_at = excluded.max_expires_at,
                outcome = 0, acknowledged_at = NULL, reason = NULL
            WHERE lease.expires_at <= @now OR lease.id = @replaced
            """)
            .With("holder", lease.Workload.Holder).With("id", lease.Id)
            .With("issuer", lease.Workload.Issuer).With("namespace", lease.Workload.Namespace)
            .With("service_account", lease.Workload.ServiceAccount).With("pod", lease.Workload.Pod)
            .With("pod_uid", lease.Workload.PodUid).With("node", lease.Workload.Node)
            .With("path", lease.Path.ToString()).With("version", lease.Version).With("fields", string.Join(',', lease.Fields))
            .With("issued_at", lease.IssuedAt).With("expires_at", lease.ExpiresAt)
            .With("max_expires_at", lease.MaxExpiresAt).With("replaced", replaced).With("now", now)
            .ExecuteAsync(cancellationToken) > 0;
        if (added)
        {
            var stored = lease with
            {
                IssuedAt = Storage.Columns.Stored(lease.IssuedAt),
                ExpiresAt = Storage.Columns.Stored(lease.ExpiresAt),
                MaxExpiresAt = Storage.Columns.Stored(lease.MaxExpiresAt),
                Verdict = null,
            };
            Changed(session, lease, held => held.Where(one => one.Version != stored.Version).Append(stored));
        }

        return added;
    }

    /// <summary>
    /// Writes the expiry, if it is later, and the given-out fields of a lease that is still live. Of two renewals at once, the
    /// one that promised less may come last.
    /// </summary>
    /// <returns>False: it has ended by now.</returns>
    public static async Task<bool> UpdateAsync(
        Session session, Lease lease, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var updated = await session.Statement(
            """
            UPDATE lease SET fields = @fields, expires_at = CASE WHEN expires_at > @expires_at THEN expires_at ELSE @expires_at END
            WHERE id = @id AND expires_at > @now
            """)
            .With("expires_at", lease.ExpiresAt).With("fields", string.Join(',', lease.Fields))
            .With("id", lease.Id).With("now", now)
            .ExecuteAsync(cancellationToken) > 0;
        if (updated)
        {
            var expiresAt = Storage.Columns.Stored(lease.ExpiresAt);
            Changed(session, lease, held => held.Select(
                one => one.Id == lease.Id
                    ? one with { ExpiresAt = one.ExpiresAt > expiresAt ? one.ExpiresAt : expiresAt, Fields = lease.Fields }
                    : one));
        }

        return updated;
    }

    public static Task AcknowledgeAsync(
        Session session, Lease lease, Verdict verdict, CancellationToken cancellationToken)
    {
        var stored = verdict with { At = Storage.Columns.Stored(verdict.At) };
        Changed(session, lease, held => held.Select(one => one.Id == lease.Id ? one with { Verdict = stored } : one));
        return session.Statement("UPDATE lease SET outcome = @outcome, acknowledged_at = @at, reason = @reason WHERE id = @id")
            .With("outcome", verdict.Outcome).With("at", verdict.At).With("reason", verdict.Reason).With("id", lease.Id)
            .ExecuteAsync(cancellationToken);
    }

    /// <summary>Ends a lease, and with it the credential that it is on, if it is on one that was made for it.</summary>
    /// <returns>Whether the holder had such a lease.</returns>
    public static async Task<bool> RemoveAsync(
        Session session, Lease lease, DateTimeOffset now, CancellationToken cancellationToken)
    {
        Changed(session, lease, held => held.Where(one => one.Id != lease.Id));
        var removed = await session.Statement("DELETE FROM lease WHERE id = @id AND holder = @holder")
            .With("id", lease.Id).With("holder", lease.Workload.Holder).ExecuteAsync(cancellationToken) > 0;
        if (removed)
            await CredentialTable.EndAsync(session, lease.Id, now, cancellationToken);
        return removed;
    }

    /// <summary>Ends all leases on a secret that are on other versions than one.</summary>
    public static async Task RemoveOthersAsync(
        Session session, SecretPath path, ulong version, CancellationToken cancellationToken)
    {
        var holders = await session.Statement("DELETE FROM lease WHERE path = @path AND version <> @version RETURNING holder")
            .With("path", path.ToString()).With("version", version).ListAsync(row => row.GetString(0), cancellationToken);
        foreach (var holder in holders)
            session.Changes.Add(new CacheChange(path, holder, held => held.Where(lease => lease.Version == version)));
    }

    /// <returns>The live lease; null: there is none of that id, or it is another holder's.</returns>
    public static Task<Lease?> FindAsync(
        Session session, string id, string holder, DateTimeOffset now, CancellationToken cancellationToken) =>
        session.Statement($"SELECT {Columns} FROM lease WHERE id = @id AND holder = @holder AND expires_at > @now")
            .With("id", id).With("holder", holder).With("now", now).FirstAsync(Lease, cancellationToken);

    /// <returns>The live lease, whoever holds it; null: there is none of that id.</returns>
    public static Task<Lease?> FindAsync(
        Session session, string id, DateTimeOffset now, CancellationToken cancellationToken) =>
        session.Statement($"SELECT {Columns} FROM lease WHERE id = @id AND expires_at > @now")
            .With("id", id).With("now", now).FirstAsync(Lease, cancellationToken);

    /// <remarks>
    /// The plus keeps the time out of the choice of an index: SQLite would take the one by path and time, and look at the
    /// leases of thousands of other holders.
    /// </remarks>
    /// <returns>The holder's live leases on all versions of a secret.</returns>
    public static Task<List<Lease>> OfHolderAsync(
        Session session, string holder, SecretPath path, DateTimeOffset now, CancellationToken cancellationToken) =>
        session.Statement($"SELECT {Columns} FROM lease WHERE holder = @holder AND path = @path AND +expires_at > @now")
            .With("holder", holder).With("path", path.ToString()).With("now", now).ListAsync(Lease, cancellationToken);

    /// <returns>All live leases on a secret, sorted by workload, pod, version.</returns>
    public static Task<List<Lease>> OfSecretAsync(
        Session session, SecretPath path, DateTimeOffset now, CancellationToken cancellationToken) =>
        session.Statement(
            $"""
            SELECT {Columns} FROM lease WHERE path = @path AND expires_at > @now
            ORDER BY namespace, service_account, pod NULLS FIRST, holder, version
            """)
            .With("path", path.ToString()).With("now", now).ListAsync(Lease, cancellationToken);

    /// <returns>All live leases.</returns>
    public static Task<List<Lease>> AllAsync(Session session, DateTimeOffset now, CancellationToken cancellationToken) =>
        session.Statement($"SELECT {Columns} FROM lease WHERE expires_at > @now")
            .With("now", now).ListAsync(Lease, cancellationToken);

    /// <returns>At most <paramref name="limit"/> leases whose time is over, longest ago first.</returns>
    public static Task<List<Lease>> ExpiredAsync(
        Session session, DateTimeOffset now, int limit, CancellationToken cancellationToken) =>
        session.Statement($"SELECT {Columns} FROM lease WHERE expires_at <= @now ORDER BY expires_at LIMIT @limit")
            .With("now", now).With("limit", limit).ListAsync(Lease, cancellationToken);

    /// <returns>How many live leases there are on each secret.</returns>
    public static Task<List<(SecretPath Path, long Leases)>> CountAsync(
        Session session, DateTimeOffset now, CancellationToken cancellationToken) =>
        session.Statement("SELECT path, COUNT(*) FROM lease WHERE expires_at > @now GROUP BY path")
            .With("now", now).ListAsync(row => (row.Path(0), row.GetInt64(1)), cancellationToken);

    private static void Changed(Session session, Lease lease, Func<IReadOnlyList<Lease>, IEnumerable<Lease>> held) =>
        session.Changes.Add(new CacheChange(lease.Path, lease.Workload.Holder, held));

    internal static Lease Lease(DbDataReader row) => new()
    {
        Id = row.GetString(0),
        Workload = new Workload(
            row.GetString(1), row.GetString(2), row.GetString(3),
            row.OptionalText(4), row.OptionalText(5), row.OptionalText(6)),
        Path = row.Path(7),
        Version = row.Number(8),
        Fields = row.GetString(9).Split(',', StringSplitOptions.RemoveEmptyEntries),
        IssuedAt = row.Time(10),
        ExpiresAt = row.Time(11),
        MaxExpiresAt = row.Time(12),
        Verdict = row.GetInt32(13) == 0
            ? null
            : new Verdict((VerdictOutcome)row.GetInt32(13), row.Time(14), row.OptionalText(15)),
    };
}
