using SidecarAgent.Broker.Credentials;
using SidecarAgent.Broker.Engines.Accounts;
using SidecarAgent.Broker.Secrets;

namespace SidecarAgent.Broker.Leases;

/// <summary>What is to be done about one wish, before anything is done.</summary>
internal abstract record Answer
{
    /// <summary>Give out the values of the lease's version and fields.</summary>
    /// <param name="Lease">The lease as it is to be.</param>
    /// <param name="ActivatedAt">When the version became the one that is served.</param>
    /// <param name="IsNew">It begins now.</param>
    /// <param name="Replaced">With a new one: the id of the live lease that it replaces, if any.</param>
    public sealed record Issue(Lease Lease, DateTimeOffset ActivatedAt, bool IsNew, string? Replaced) : Answer;

    /// <summary>Make a version of its own for the caller, and then decide again.</summary>
    /// <param name="Lease">The lease as it is to be; its version has no number yet.</param>
    /// <param name="After">The version that the caller has a live lease on; 0: none. There must be no later one.</param>
    /// <param name="Account">The account that is to be made outside; null: it has no name yet.</param>
    public sealed record Make(Lease Lease, ulong After, AccountName? Account = null) : Answer;

    /// <summary>It is granted, and cannot be had now. What the caller has stays as it is.</summary>
    public sealed record Fail(NotMade Why) : Answer;

    /// <summary>The caller has it already; its lease goes on.</summary>
    /// <param name="Lease">The lease as it is to be.</param>
    /// <param name="Extended">It now ends later than before.</param>
    public sealed record Confirm(Lease Lease, bool Extended) : Answer;

    /// <summary>The caller may not have it, and has nothing that must be taken away.</summary>
    /// <param name="Denial">Why.</param>
    /// <param name="Repeated">The stream has said so before.</param>
    public sealed record Deny(Denial Denial, bool Repeated) : Answer;

    /// <summary>The caller has something that it may not have any longer.</summary>
    /// <param name="Denial">Why.</param>
    /// <param name="LeaseId">The lease that the caller names; whatever it holds of the path ends.</param>
    /// <param name="Holder">Whose leases end.</param>
    /// <param name="Path">On what.</param>
    public sealed record Revoke(Denial Denial, string LeaseId, string Holder, SecretPath Path) : Answer;
}
