using SidecarAgent.Broker.Credentials;
using SidecarAgent.Broker.Identity;
using SidecarAgent.Yaml;

namespace SidecarAgent.Broker.Leases;

/// <summary>
/// What a caller is answered about one secret. Pure: the wish, what the policies say and what the database says go in.
/// </summary>
internal static class AnswerRule
{
    /// <param name="workload">Who asks.</param>
    /// <param name="wish">For what.</param>
    /// <param name="access">What the cut-offs and the policies say.</param>
    /// <param name="facts">What the database says.</param>
    /// <param name="freshId">The id of a lease, should a new one begin.</param>
    /// <param name="now">The time.</param>
    public static Answer Decide(
        Workload workload, Wish wish, Access access, Facts facts, string freshId, DateTimeOffset now)
    {
        if (access is Access.Refused refused)
            return Refuse(workload, wish, refused.Denial);
        var granted = (Access.Granted)access;
        if (facts.Head is not { } head || (head.ActiveVersion == 0 && !facts.IsMade))
            return Absent(workload, wish, facts);

        if (wish.Fields.Except(facts.Fields).FirstOrDefault() is { } missing)
        {
            return Deny(
                wish.Standing, DenialReason.FieldNotFound,
                $"{What()} has no field {missing}{Suggest(missing, facts, granted)}");
        }

        var fields = facts.Fields.Where(name => IsWanted(name, wish, granted)).ToList();
        if (fields.Count == 0)
        {
            return Deny(
                wish.Standing, DenialReason.FieldNotFound,
                $"{What()} has none of the granted fields");
        }

        var activatedAt = head.ActivatedAt ?? now;
        if (facts.Lease is { } lease && LeaseRule.GoesOn(lease, now))
            return GoOn(wish.Standing, lease, activatedAt, fields, granted.Terms, now);
        if (facts.NotMade is { } notMade)
            return MakeDo(wish.Standing, facts.Lease, activatedAt, fields, granted.Terms, notMade, now);

        var (expiresAt, maxExpiresAt) = LeaseRule.Begin(now, granted.Terms);
        var fresh = new Lease
        {
            Id = freshId,
            Workload = workload,
            Path = wish.Path,
            Version = head.ActiveVersion,
            Fields = fields,
            IssuedAt = now,
            ExpiresAt = expiresAt,
            MaxExpiresAt = maxExpiresAt,
        };
        return facts.IsMade
            ? new Answer.Make(fresh, facts.Lease?.Version ?? 0)
            : new Answer.Issue(fresh, activatedAt, IsNew: true, facts.Lease?.Id);

        string What() => facts.IsMade ? $"{wish.Path}" : $"version {head.ActiveVersion} of {wish.Path}";
    }

    /// <summary>What was taken back is taken from who has it; what is only not there (yet) changes nothing for anybody.</summary>
    private static Answer Absent(Workload workload, Wish wish, Facts facts) =>
        facts.Head?.WithdrawnAt is null
            ? Deny(wish.Standing, DenialReason.NotFound, facts.Missing ?? $"nothing is stored at {wish.Path} yet")
            : Refuse(workload, wish, new Denial(DenialReason.NotFound, $"an operator has deleted {wish.Path}"));

    /// <summary>A worn-out lease is better than none, for a holder that has lost what it had under it.</summary>
    private static Answer MakeDo(
        Standing standing, Lease? worn, DateTimeOffset activatedAt, List<string> fields, LeaseTerms terms, NotMade notMade,
        DateTimeOffset now) =>
        worn is null || Has(standing, worn, fields)
            ? new Answer.Fail(notMade)
            : GoOn(standing, worn, activatedAt, fields, terms, now);

    /// <summary>Names only what the caller may see anyway.</summary>
    private static string Suggest(string missing, Facts facts, Access.Granted granted)
    {
        var visible = facts.Fields.Where(name => granted.Fields?.Contains(name) ?? true);
        return NearestName.Find(missing, visible) is { } nearest ? $"; did you mean {nearest}?" : "";
    }

    private static bool IsWanted(string name, Wish wish, Access.Granted granted) =>
        (wish.Fields.Count == 0 || wish.Fields.Contains(name)) && (granted.Fields?.Contains(name) ?? true);

    private static Answer GoOn(
        Standing standing, Lease lease, DateTimeOffset activatedAt, List<string> fields, LeaseTerms terms, DateTimeOffset now)
    {
        var has = Has(standing, lease, fields);

        // A stream that looks again was not asked by its holder: only the holder's own word extends a lease.
        if (has && standing.Held!.Fields is not null)
            return new Answer.Confirm(lease, Extended: false);

        var expiresAt = LeaseRule.AskAgain(lease, now, terms);
        return has
            ? new Answer.Confirm(lease with { ExpiresAt = expiresAt }, Extended: expiresAt > lease.ExpiresAt)
            : new Answer.Issue(
                lease with { ExpiresAt = expiresAt, Fields = fields }, activatedAt, IsNew: false, Replaced: null);
    }

    private static bool Has(Standing standing, Lease lease, List<string> fields) =>
        standing.Held is { } held && held.LeaseId == lease.Id && held.Version == lease.Version
        && (held.Fields ?? lease.Fields).SequenceEqual(fields);

    private static Answer Refuse(Workload workload, Wish wish, Denial denial) =>
        wish.Standing.Held is { } held
            ? new Answer.Revoke(denial, held.LeaseId, workload.Holder, wish.Path)
            : Deny(wish.Standing, denial.Reason, denial.Message);

    private static Answer.Deny Deny(Standing standing, DenialReason reason, string message) =>
        new(new Denial(reason, message), Repeated: standing.Told == reason);
}
