using SidecarAgent.Broker.Leases;
using SidecarAgent.Broker.Secrets;

namespace SidecarAgent.Broker.Watch;

/// <summary>
/// What one watch is about: what its caller wants, what it has of that by now, and so what there is to say. Every look
/// asks the gate about all of it at once, so that changes that belong together are said together.
/// </summary>
internal sealed class Conversation(IReadOnlyList<Wish> wishes)
{
    private readonly List<Wish> _wishes = [.. wishes];

    /// <summary>The secrets as they are to be asked for.</summary>
    public IReadOnlyList<Wish> Wishes => _wishes;

    /// <summary>The paths of all of them.</summary>
    public IReadOnlySet<SecretPath> Paths { get; } = wishes.Select(wish => wish.Path).ToHashSet();

    /// <summary>When to ask again though nothing was heard; null: never.</summary>
    public DateTimeOffset? LookAgainAt { get; private set; }

    /// <summary>The caller has released these leases: what it held under them it does not want any longer.</summary>
    public void Forget(IReadOnlyList<string> leaseIds) =>
        _wishes.RemoveAll(wish => wish.Standing.Held is { } held && leaseIds.Contains(held.LeaseId));

    /// <summary>Notes what the gate answered.</summary>
    /// <param name="outcomes">One for each of <see cref="Wishes"/>, in their order.</param>
    /// <param name="now">The time.</param>
    /// <returns>What of it the caller does not know yet.</returns>
    public IReadOnlyList<(SecretPath Path, Outcome Outcome)> Note(IReadOnlyList<Outcome> outcomes, DateTimeOffset now)
    {
        var news = new List<(SecretPath, Outcome)>();
        LookAgainAt = null;
        for (var i = 0; i < outcomes.Count; i++)
        {
            var wish = _wishes[i];
            if (IsNews(wish.Standing, outcomes[i]))
                news.Add((wish.Path, outcomes[i]));
            _wishes[i] = wish with { Standing = Next(wish.Standing, outcomes[i]) };
            if (DueAt(outcomes[i], now) is { } due && (LookAgainAt is null || due < LookAgainAt))
                LookAgainAt = due;
        }

        return news;
    }

    private static bool IsNews(Standing standing, Outcome outcome) => outcome switch
    {
        Outcome.Confirmed => standing.Told is not null || standing.Held?.Fields is null,
        Outcome.Denied denied => !denied.Repeated,
        _ => true,
    };

    private static Standing Next(Standing standing, Outcome outcome) => outcome switch
    {
        Outcome.Issued { Lease: var lease } => new Standing(new HeldVersion(lease.Id, lease.Version, lease.Fields)),
        Outcome.Confirmed { Lease: var lease } => new Standing(new HeldVersion(lease.Id, lease.Version, lease.Fields)),
        Outcome.Revoked { Denial.Reason: var reason } => new Standing(null, reason),
        Outcome.Denied { Denial.Reason: var reason } => standing with { Told = reason },
        _ => standing,
    };

    private static DateTimeOffset? DueAt(Outcome outcome, DateTimeOffset now) => outcome switch
    {
        Outcome.Issued { Lease: var lease } => LeaseRule.WearsOutAt(lease),
        Outcome.Confirmed { Lease: var lease } => LeaseRule.WearsOutAt(lease),
        Outcome.Failed { RetryAfter: var wait } => now + wait,
        _ => null,
    };
}
