using SidecarAgent.Broker.Engines.Accounts;
using SidecarAgent.Broker.Identity;
using SidecarAgent.Broker.Secrets;

namespace SidecarAgent.Broker.Credentials;

/// <summary>
/// An account outside that the broker makes for one holder: its row is there before the account and after it, so that
/// no account is ever forgotten. It has one lease, of the same id, and its values are that path's version.
/// </summary>
internal sealed record Credential
{
    /// <summary>Its lease's, while it has one.</summary>
    public required string Id { get; init; }

    /// <summary>Who it is made for.</summary>
    public required Workload Workload { get; init; }

    public required SecretPath Path { get; init; }

    /// <summary>Numbered by path; no two holders share one.</summary>
    public required ulong Version { get; init; }

    /// <summary>What it may do, by name, as its mount configures it.</summary>
    public required string Role { get; init; }

    public required AccountName Account { get; init; }

    public required CredentialState State { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>
    /// Until then a call that made it may still take effect outside, though nobody waits for it any more: an account
    /// that is dropped before is dropped once more after.
    /// </summary>
    public required DateTimeOffset InDoubtUntil { get; init; }

    /// <summary>When the server outside stops taking it; null: it keeps no time.</summary>
    public DateTimeOffset? ValidUntil { get; init; }

    /// <summary>When its lease ended; null: it has not.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>How often dropping it has failed.</summary>
    public int Attempts { get; init; }

    /// <summary>When it is tried to drop it (again).</summary>
    public DateTimeOffset? NextAttemptAt { get; init; }

    /// <summary>Why it could not be dropped the last time.</summary>
    public string? Problem { get; init; }
}
