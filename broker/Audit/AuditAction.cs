namespace SidecarAgent.Broker.Audit;

/// <summary>What an audit entry is about. The names are part of the log's format: they are written in snake_case.</summary>
internal enum AuditAction
{
    /// <summary>The broker began to write this log (again).</summary>
    Started,

    /// <summary>The broker found that its database is from a backup.</summary>
    Restored,

    /// <summary>The broker signed the chain up to the entry before.</summary>
    Checkpoint,

    /// <summary>A token was refused, or a caller of BrokerAdmin is no operator.</summary>
    Authenticate,

    /// <summary>A version was given to a workload under a lease.</summary>
    Issue,

    /// <summary>An account is about to be made outside, for a workload that may have it.</summary>
    Make,

    /// <summary>An account outside was dropped, or could not be.</summary>
    Drop,

    Acknowledge,
    Renew,
    Release,
    Expire,

    Put,
    Activate,
    Rotate,
    /// <summary>An operator has deleted a version; it can be brought back.</summary>
    Delete,

    Undelete,

    /// <summary>An operator has a version's values erased.</summary>
    Destroy,

    List,
    Show,

    /// <summary>An operator saw secret values.</summary>
    Reveal,

    Holders,
    ListLeases,
    RevokeLeases,
    Revoke,
    LiftCutOff,
    ListCutOffs,
    Explain,

    /// <summary>An operator read the history of a secret.</summary>
    Trace,

    /// <summary>An operator asked which keys wrap what.</summary>
    KeyStatus,

    /// <summary>Another key-encryption key wraps from now on.</summary>
    KeyRotate,

    /// <summary>The stored data keys are wrapped anew by the current key.</summary>
    KeyRewrap,

    /// <summary>A new set of policies is in force.</summary>
    PoliciesLoaded,

    /// <summary>A rotation makes the next version of a secret.</summary>
    Prepare,

    /// <summary>A superseded credential is revoked where it is used.</summary>
    Retire,

    /// <summary>A rotation is over; the detail says how.</summary>
    EndRotation,

    /// <summary>An operator has said that a secret is compromised.</summary>
    Taint,

    /// <summary>An operator has ended a rotation.</summary>
    AbortRotation,

    /// <summary>An operator lets a rotation go on that a holder has rejected.</summary>
    ResumeRotation,

    /// <summary>An operator has set, changed or removed the schedule of a secret.</summary>
    ScheduleRotation,

    ListRotations,

    /// <summary>An operator asked what other policies would take away.</summary>
    CheckPolicies,

    /// <summary>A workload has asked for a canary.</summary>
    Canary,

    /// <summary>A workload is given a secret that it has never had.</summary>
    FirstAccess,

    /// <summary>A workload has asked for more different secrets than is usual.</summary>
    Unusual,
}
