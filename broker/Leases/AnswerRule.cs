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
            return Refuse(workload, wish.Standing, refused.Denial);
        var granted = (Access.Granted)access;
        if (facts.Head is not { ActiveVersion: > 0, ActivatedAt: { } activatedAt } head)
            return Deny(wish.Standing, DenialReason.NotFound, $"nothing is stored at {wish.Path} yet");
        if (wish.Fields.Except(facts.Fields).FirstOrDefault() is { } missing)
        {
            return Deny(
                wish.Standing, DenialReason.FieldNotFound,
                $"version {head.ActiveVersion} of {wish.Path} has no field {missing}{Suggest(missing, facts, granted)}");
        }

        var fields = facts.Fields.Where(name => IsWanted(name, wish, granted)).ToList();
        if (fields.Count == 0)
        {
            return Deny(
                wish.Standing, DenialReason.FieldNotFound,
                $"version {head.ActiveVersion} of {wish.Path} has none of the granted fields");
        }

        if (facts.Lease is { } lease && LeaseRule.GoesOn(lease, now))
            return GoOn(wish.Standing, lease, activatedAt, fields, granted.Terms, now);

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
        return new Answer.Issue(fresh, activatedAt, IsNew: true, facts.Lease?.Id);
    }

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
        var has = standing.Held is { } held && held.LeaseId == lease.Id && held.Version == lease.Version
            && (held.Fields ?? lease.Fields).SequenceEqual(fields);

        // A stream that looks again was not asked by its holder: only the holder's own word extends a lease.
        if (has && standing.Held!.Fields is not null)
            return new Answer.Confirm(lease, Extended: false);

        var expiresAt = LeaseRule.AskAgain(lease, now, terms);
        return has
            ? new Answer.Confirm(lease with { ExpiresAt = expiresAt }, Extended: expiresAt > lease.ExpiresAt)
            : new Answer.Issue(
                lease with { ExpiresAt = expiresAt, Fields = fields }, activatedAt, IsNew: false, Replaced: null);
    }

    private static Answer Refuse(Workload workload, Standing standing, Denial denial) =>
        standing.Held is { } held
            ? new Answer.Revoke(denial, held.LeaseId, workload.Holder)
            : Deny(standing, denial.Reason, denial.Message);

    private static Answer.Deny Deny(Standing standing, DenialReason reason, string message) =>
        new(new Denial(reason, message), Repeated: standing.Told == reason);
}
