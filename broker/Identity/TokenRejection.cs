namespace SidecarAgent.Broker.Identity;

/// <summary>Why a token was not believed. The names are label values of a metric.</summary>
internal enum TokenRejection
{
    /// <summary>There is none.</summary>
    Missing,

    /// <summary>It is longer than <see cref="TokenVerifier.MaxTokenLength"/>.</summary>
    Oversize,

    /// <summary>It is not a signed JWT, or one that says a thing twice or wants an extension (<c>crit</c>).</summary>
    Malformed,

    /// <summary>Its issuer is not configured.</summary>
    UnknownIssuer,

    /// <summary>Its algorithm is not allowed for its issuer, or is not that of its key.</summary>
    Algorithm,

    /// <summary>The issuer publishes no key of that name.</summary>
    UnknownKey,

    /// <summary>The key did not make the signature.</summary>
    Signature,

    /// <summary>It is meant for somebody else.</summary>
    Audience,

    /// <summary>Its time is over.</summary>
    Expired,

    /// <summary>Its time has not come.</summary>
    NotYetValid,

    /// <summary>A claim is missing or not of the shape that Kubernetes gives it.</summary>
    Claims,

    /// <summary>The cluster's API server no longer accepts it: its pod or service account is gone.</summary>
    Revoked,

    /// <summary>The API server must be asked, and does not answer. The caller may try again.</summary>
    ReviewUnavailable,

    /// <summary>An operator's certificate is not from the configured CA, not for clients, or out of its time.</summary>
    Certificate,

    /// <summary>The issuer's keys were never had. The caller may try again.</summary>
    KeysUnavailable,
}
