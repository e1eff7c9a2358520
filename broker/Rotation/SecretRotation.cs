using SidecarAgent.Broker.Secrets;

namespace SidecarAgent.Broker.Rotation;

/// <summary>
/// One rotation of one secret, as its row says. At most one of a path is open, that is, has no <see cref="EndedAt"/>.
/// </summary>
internal sealed record SecretRotation
{
    public required string Id { get; init; }

    public required SecretPath Path { get; init; }

    public required RotationState State { get; init; }

    public required RotationTrigger Trigger { get; init; }

    /// <summary>The operator's name; empty for a schedule.</summary>
    public required string By { get; init; }

    /// <summary>The version that was served when it began; 0: none.</summary>
    public required ulong FromVersion { get; init; }

    /// <summary>The new version; 0: it is not stored yet.</summary>
    public ulong ToVersion { get; init; }

    /// <summary>How long both may work at most, from activation on.</summary>
    public required TimeSpan Overlap { get; init; }

    /// <summary>The old version is compromised: there is no overlap, and nobody can hold it up.</summary>
    public required bool Tainted { get; init; }

    /// <summary>The secret was tainted after the new version was served: when this ends, another begins.</summary>
    public bool TaintedMeanwhile { get; init; }

    /// <summary>The old credential does not work any longer.</summary>
    public bool OldRevoked { get; init; }

    /// <summary>An operator wants to go on though a holder has rejected the new version.</summary>
    public bool IgnoresRejections { get; init; }

    /// <summary>Attempts at the present step that failed.</summary>
    public int Attempts { get; init; }

    /// <summary>When the next attempt is due; null: at once.</summary>
    public DateTimeOffset? RetryAt { get; init; }

    /// <summary>Why it does not go on, or how it ended: one sentence; null: there is nothing to say.</summary>
    public string? Reason { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>When the new version was served first; null: not yet.</summary>
    public DateTimeOffset? ActivatedAt { get; init; }

    /// <summary>When holders that are behind are not waited for any longer; null: not yet activated.</summary>
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>When the last holder had acknowledged; null: not yet, or never.</summary>
    public DateTimeOffset? ConvergedAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>How many holders were still behind when they were not waited for any longer.</summary>
    public int LeftBehind { get; init; }

    /// <summary>Grows with each change of the row, so that nobody overwrites what somebody else has changed meanwhile.</summary>
    public long Revision { get; init; }

    /// <summary>The version that is served as far as this rotation knows.</summary>
    public ulong ServedVersion => ActivatedAt is null ? FromVersion : ToVersion;
}
