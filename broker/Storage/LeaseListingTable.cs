using SidecarAgent.Broker.Credentials;
using SidecarAgent.Broker.Leases;

namespace SidecarAgent.Broker.Storage;

/// <summary>Leases and accounts as operators look for them.</summary>
internal static class LeaseListingTable
{
    private const string Matches =
        """
        id > @after AND substr(path, 1, length(@prefix)) = @prefix
        AND (@issuer = '' OR issuer = @issuer)
        AND (@namespace = '' OR namespace = @namespace) AND (@service_account = '' OR service_account = @service_account)
        AND (@pod = '' OR pod = @pod) AND (@node = '' OR node = @node)
        ORDER BY id LIMIT @limit
        """;

    /// <param name="session">Where to read.</param>
    /// <param name="filter">Which.</param>
    /// <param name="after">Only ids after this one.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="now">Leases that end later are live.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Sorted by id.</returns>
    public static async Task<List<LeaseListing>> ListAsync(
        Session session, LeaseFilter filter, string after, int limit, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (filter.State != CredentialState.Live)
        {
            var ended = await Filtered(session, $"SELECT {CredentialTable.Columns} FROM credential WHERE state = @state AND {Matches}", filter, after, limit)
                .With("state", filter.State).ListAsync(CredentialTable.Credential, cancellationToken);
            return [.. ended.Select(credential => new LeaseListing(null, credential))];
        }

        var live = await LiveAsync(session, filter, after, limit, now, DateTimeOffset.MaxValue, cancellationToken);
        var listings = new List<LeaseListing>(live.Count);
        foreach (var lease in live)
            listings.Add(new LeaseListing(lease, await CredentialTable.FindAsync(session, lease.Id, cancellationToken)));
        return listings;
    }

    /// <returns>Live leases that were issued by some time, sorted by id.</returns>
    public static Task<List<Lease>> LiveAsync(
        Session session, LeaseFilter filter, string after, int limit, DateTimeOffset now, DateTimeOffset issuedBy,
        CancellationToken cancellationToken) =>
        Filtered(
            session, $"SELECT {LeaseTable.Columns} FROM lease WHERE expires_at > @now AND issued_at <= @issued_by AND {Matches}",
            filter, after, limit)
            .With("now", now).With("issued_by", issuedBy).ListAsync(LeaseTable.Lease, cancellationToken);

    /// <summary>Accounts that are to be dropped some time are to be dropped now.</summary>
    /// <param name="session">Where to write.</param>
    /// <param name="id">That of one lease; empty: all that the prefix matches and that could not be dropped before.</param>
    /// <param name="prefix">What the paths begin with.</param>
    /// <param name="now">The time.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>How many that are.</returns>
    public static Task<int> HurryAsync(
        Session session, string id, string prefix, DateTimeOffset now, CancellationToken cancellationToken) =>
        session.Statement(
            """
            UPDATE credential SET next_attempt_at = @now
            WHERE state >= 3 AND (id = @id OR (@id = '' AND attempts > 0)) AND substr(path, 1, length(@prefix)) = @prefix
            """)
            .With("id", id).With("prefix", prefix).With("now", now).ExecuteAsync(cancellationToken);

    private static Statement Filtered(Session session, string sql, LeaseFilter filter, string after, int limit) =>
        session.Statement(sql)
            .With("prefix", filter.Prefix).With("issuer", filter.Issuer).With("namespace", filter.Namespace)
            .With("service_account", filter.ServiceAccount).With("pod", filter.Pod).With("node", filter.Node)
            .With("after", after).With("limit", limit);
}
