namespace SidecarAgent.Broker.Audit;

/// <summary>What an audit entry is about. The names are part of the log's format: they are written in snake_case.</summary>
internal enum AuditAction
{
    /// <summary>The broker began to write this log (again).</summary>
    Started,

    /// <summary>A token was refused, or a caller of BrokerAdmin is no operator.</summary>
    Authenticate,

    /// <summary>A version was given to a workload under a lease.</summary>
    Issue,

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
    Revoke,
    LiftCutOff,
    ListCutOffs,
    Explain,

    /// <summary>An operator asked which keys wrap what.</summary>
    KeyStatus,

    /// <summary>Another key-encryption key wraps from now on.</summary>
    KeyRotate,

    /// <summary>The stored data keys are wrapped anew by the current key.</summary>
    KeyRewrap,

    /// <summary>A new set of policies is in force.</summary>
    PoliciesLoaded,
}
