namespace SidecarAgent.Broker.Audit;

/// <summary>What an audit entry is about. The names are part of the log's format: they are written in snake_case.</summary>
internal enum AuditAction
{
    /// <summary>The broker began to write this log (again).</summary>
    Started,

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

    /// <summary>A new set of policies is in force.</summary>
    PoliciesLoaded,
}
