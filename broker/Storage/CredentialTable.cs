using System.Data.Common;
using SidecarAgent.Broker.Credentials;
using SidecarAgent.Broker.Engines.Accounts;
using SidecarAgent.Broker.Identity;

namespace SidecarAgent.Broker.Storage;

/// <summary>Accounts outside, from before they are made until after they are dropped.</summary>
internal static class CredentialTable
{
    internal const string Columns =
        """
        id, issuer, namespace, service_account, pod, pod_uid, node, path, version, role, account, state,
        created_at, in_doubt_until, valid_until, ended_at, attempts, next_attempt_at, problem
        """;

    public static Task AddAsync(Session session, Credential credential, CancellationToken cancellationToken) =>
        session.Statement(
            $"""
            INSERT INTO credential (holder, mount, {Columns})
            VALUES (@holder, @mount, @id, @issuer, @namespace, @service_account, @pod, @pod_uid, @node, @path, @version,
                @role, @account, @state, @created_at, @in_doubt_until, NULL, NULL, 0, NULL, NULL)
            """)
            .With("holder", credential.Workload.Holder).With("mount", credential.Path.Mount).With("id", credential.Id)
            .With("issuer", credential.Workload.Issuer).With("namespace", credential.Workload.Namespace)
            .With("service_account", credential.Workload.ServiceAccount).With("pod", credential.Workload.Pod)
            .With("pod_uid", credential.Workload.PodUid).With("node", credential.Workload.Node)
            .With("path", credential.Path.ToString()).With("version", credential.Version)
            .With("role", credential.Role).With("account", credential.Account.Value).With("state", credential.State)
            .With("created_at", credential.CreatedAt).With("in_doubt_until", credential.InDoubtUntil)
            .ExecuteAsync(cancellationToken);

    /// <summary>It is in doubt for longer, because it is about to be made only now.</summary>
    public static Task<int> DoubtAsync(
        Session session, string id, DateTimeOffset inDoubtUntil, CancellationToken cancellationToken) =>
        session.Statement("UPDATE credential SET in_doubt_until = @until WHERE id = @id AND state = @creating")
            .With("until", inDoubtUntil).With("id", id).With("creating", CredentialState.Creating)
            .ExecuteAsync(cancellationToken);

    /// <returns>False: it is not being created any more.</returns>
    public static async Task<bool> BeginAsync(
        Session session, string id, DateTimeOffset? validUntil, CancellationToken cancellationToken) =>
        await session.Statement(
            "UPDATE credential SET state = @live, valid_until = @valid_until WHERE id = @id AND state = @creating")
            .With("live", CredentialState.Live).With("creating", CredentialState.Creating)
            .With("valid_until", validUntil).With("id", id)
            .ExecuteAsync(cancellationToken) > 0;

    /// <summary>Its lease ends, or never began: from here on it is to be dropped. Nothing, where there is no such one.</summary>
    public static Task EndAsync(Session session, string id, DateTimeOffset now, CancellationToken cancellationToken) =>
        session.Statement(
            """
            UPDATE credential SET state = @revoking, ended_at = @now, next_attempt_at = @now
            WHERE id = @id AND state IN (1, 2)
            """)
            .With("revoking", CredentialState.Revoking).With("now", now).With("id", id)
            .ExecuteAsync(cancellationToken);

    /// <summary>Those that nobody is creating any more are to be dropped.</summary>
    /// <param name="session">Where to write.</param>
    /// <param name="inDoubtUntil">Those whose doubt is over by then.</param>
    /// <param name="underWay">The ids of those that somebody is creating all the same.</param>
    /// <param name="now">The time.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>How many that were.</returns>
    public static async Task<int> EndUnfinishedAsync(
        Session session, DateTimeOffset inDoubtUntil, IReadOnlySet<string> underWay, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var unfinished = await session.Statement("SELECT id FROM credential WHERE state = 1 AND in_doubt_until <= @until")
            .With("until", inDoubtUntil).ListAsync(row => row.GetString(0), cancellationToken);
        unfinished.RemoveAll(underWay.Contains);
        foreach (var id in unfinished)
            await EndAsync(session, id, now, cancellationToken);
        return unfinished.Count;
    }

    /// <summary>Writes how far dropping it has come.</summary>
    public static Task UpdateAsync(Session session, Credential credential, CancellationToken cancellationToken) =>
        session.Statement(
            """
            UPDATE credential SET state = @state, ended_at = @ended_at, attempts = @attempts,
                next_attempt_at = @next_attempt_at, problem = @problem
            WHERE id = @id
            """)
            .With("state", credential.State).With("ended_at", credential.EndedAt).With("attempts", credential.Attempts)
            .With("next_attempt_at", credential.NextAttemptAt).With("problem", credential.Problem)
            .With("id", credential.Id)
            .ExecuteAsync(cancellationToken);

    public static Task ExtendAsync(
        Session session, string id, DateTimeOffset validUntil, CancellationToken cancellationToken) =>
        session.Statement("UPDATE credential SET valid_until = @valid_until WHERE id = @id AND valid_until < @valid_until")
            .With("valid_until", validUntil).With("id", id).ExecuteAsync(cancellationToken);

    public static Task RemoveAsync(Session session, string id, CancellationToken cancellationToken) =>
        session.Statement("DELETE FROM credential WHERE id = @id").With("id", id).ExecuteAsync(cancellationToken);

    /// <returns>Null: there is none of that id.</returns>
    public static Task<Credential?> FindAsync(Session session, string id, CancellationToken cancellationToken) =>
        session.Statement($"SELECT {Columns} FROM credential WHERE id = @id")
            .With("id", id).FirstAsync(Credential, cancellationToken);

    /// <summary>How many accounts a holder causes: those that are irrevocable are not its fault.</summary>
    public static Task<long> CountOfHolderAsync(Session session, string holder, CancellationToken cancellationToken) =>
        session.Statement("SELECT COUNT(*) FROM credential WHERE holder = @holder AND state < @irrevocable")
            .With("holder", holder).With("irrevocable", CredentialState.Irrevocable).NumberAsync(cancellationToken);

    /// <returns>At most so many of a mount that are to be dropped now, longest due first.</returns>
    public static Task<List<Credential>> DueAsync(
        Session session, string mount, DateTimeOffset now, int limit, CancellationToken cancellationToken) =>
        session.Statement(
            $"""
            SELECT {Columns} FROM credential WHERE mount = @mount AND state >= 3 AND next_attempt_at <= @now
            ORDER BY next_attempt_at LIMIT @limit
            """)
            .With("mount", mount).With("now", now).With("limit", limit).ListAsync(Credential, cancellationToken);

    /// <summary>All of a mount that are to be dropped some time are to be dropped now.</summary>
    public static Task HurryAsync(Session session, string mount, DateTimeOffset now, CancellationToken cancellationToken) =>
        session.Statement(
            """
            UPDATE credential SET next_attempt_at = @now
            WHERE mount = @mount AND state >= 3 AND attempts > 0 AND next_attempt_at > @now
            """)
            .With("mount", mount).With("now", now).ExecuteAsync(cancellationToken);

    /// <returns>The mounts that anything is to be dropped from.</returns>
    public static Task<List<string>> MountsAsync(Session session, CancellationToken cancellationToken) =>
        session.Statement("SELECT DISTINCT mount FROM credential WHERE state = @revoking")
            .With("revoking", CredentialState.Revoking).ListAsync(row => row.GetString(0), cancellationToken);

    /// <returns>All that have ended and are to be dropped, or to be dropped once more.</returns>
    public static Task<List<Credential>> EndedAsync(Session session, CancellationToken cancellationToken) =>
        session.Statement($"SELECT {Columns} FROM credential WHERE state >= 3").ListAsync(Credential, cancellationToken);

    public static Task<long> CountIrrevocableAsync(Session session, CancellationToken cancellationToken) =>
        session.Statement("SELECT COUNT(*) FROM credential WHERE state = @irrevocable")
            .With("irrevocable", CredentialState.Irrevocable).NumberAsync(cancellationToken);

    internal static Credential Credential(DbDataReader row) => new()
    {
        Id = row.GetString(0),
        Workload = new Workload(
            row.GetString(1), row.GetString(2), row.GetString(3),
            row.OptionalText(4), row.OptionalText(5), row.OptionalText(6)),
        Path = row.Path(7),
        Version = row.Number(8),
        Role = row.GetString(9),
        Account = AccountName.Stored(row.GetString(10)),
        State = (CredentialState)row.GetInt32(11),
        CreatedAt = row.Time(12),
        InDoubtUntil = row.Time(13),
        ValidUntil = row.OptionalTime(14),
        EndedAt = row.OptionalTime(15),
        Attempts = row.GetInt32(16),
        NextAttemptAt = row.OptionalTime(17),
        Problem = row.OptionalText(18),
    };
}
