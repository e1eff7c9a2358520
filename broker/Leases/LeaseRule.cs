namespace SidecarAgent.Broker.Leases;

/// <summary>How long leases live. Pure: what is, what time it is, and what is granted go in; what is to be comes out.</summary>
internal static class LeaseRule
{
    public static bool IsLive(Lease lease, DateTimeOffset now) => now < lease.ExpiresAt;

    /// <summary>
    /// When a lease is to be replaced by a new one, because renewals soon cannot keep it: two thirds into its longest
    /// life. The last third is for a holder that is out of touch.
    /// </summary>
    public static DateTimeOffset WearsOutAt(Lease lease) =>
        lease.MaxExpiresAt - (lease.MaxExpiresAt - lease.IssuedAt) / 3;

    /// <summary>Whether a holder that asks again gets this lease again, and not a new one.</summary>
    public static bool GoesOn(Lease? lease, DateTimeOffset now) =>
        lease is not null && IsLive(lease, now) && now < WearsOutAt(lease);

    /// <summary>When a lease that begins now ends.</summary>
    public static (DateTimeOffset ExpiresAt, DateTimeOffset MaxExpiresAt) Begin(DateTimeOffset now, LeaseTerms terms) =>
        (now + Shorter(terms.Ttl, terms.MaxTtl), now + terms.MaxTtl);

    /// <summary>When a live lease ends that is renewed now: never earlier than before, never past its maximum.</summary>
    public static DateTimeOffset Renew(Lease lease, DateTimeOffset now, LeaseTerms terms)
    {
        var wanted = now + terms.Ttl;
        var allowed = wanted < lease.MaxExpiresAt ? wanted : lease.MaxExpiresAt;
        return allowed > lease.ExpiresAt ? allowed : lease.ExpiresAt;
    }

    /// <summary>
    /// When a live lease ends whose holder asks for the secret again: as if it were renewed, unless most of its time is
    /// left, so that asking often does not mean writing often.
    /// </summary>
    public static DateTimeOffset AskAgain(Lease lease, DateTimeOffset now, LeaseTerms terms) =>
        lease.ExpiresAt - now > terms.Ttl * 2 / 3 ? lease.ExpiresAt : Renew(lease, now, terms);

    /// <summary>
    /// Which of a holder's leases on a path end because it now uses another version: all others, if that is the active
    /// one; else only those on lower versions, since a late word about an old version says nothing of a newer one.
    /// </summary>
    public static IEnumerable<Lease> Replaced(Lease applied, ulong activeVersion, IEnumerable<Lease> all) =>
        all.Where(lease => lease.Id != applied.Id
            && (applied.Version == activeVersion || lease.Version < applied.Version));

    private static TimeSpan Shorter(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
