namespace SidecarAgent.Broker;

/// <summary>
/// Why a whole call failed. On the wire it is the <c>reason</c> of <c>google.rpc.ErrorInfo</c>, in UPPER_SNAKE_CASE;
/// <c>Api/Errors.cs</c> gives each its status code.
/// </summary>
internal enum ErrorReason
{
    TokenMissing,
    TokenInvalid,
    TokenExpired,
    NotAnAdmin,
    RequestInvalid,
    SecretNotFound,
    VersionNotFound,
    CutOffNotFound,
    LeaseNotFound,
    VersionMismatch,

    /// <summary>The version is deleted or destroyed.</summary>
    VersionDeleted,

    /// <summary>The version is what is served, or a rotation needs it.</summary>
    VersionInUse,

    NothingToRotate,

    /// <summary>The broker cannot make a new key-encryption key by itself.</summary>
    KeyNotRotated,

    RewrapRunning,
    /// <summary>The holder calls more often, or has more watches open, than one may.</summary>
    TooManyRequests,

    /// <summary>No rotation of the secret is under way.</summary>
    RotationNotFound,

    /// <summary>There is no way back.</summary>
    RotationCannotChange,

    Stopping,
    AuditUnavailable,
    StorageUnavailable,

    /// <summary>The HSM or KMS with the key-encryption key cannot be used now.</summary>
    KeyUnavailable,

    /// <summary>The keys of the token's issuer cannot be had now.</summary>
    IssuerUnavailable,

    Internal,
}
