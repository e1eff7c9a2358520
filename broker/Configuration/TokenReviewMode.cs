namespace SidecarAgent.Broker.Configuration;

/// <summary>Whether a cluster's API server is asked about its tokens.</summary>
internal enum TokenReviewMode
{
    /// <summary>The signature is enough: a deleted pod's token is good until it expires.</summary>
    Off,

    /// <summary>What it refuses is refused; when it cannot be asked, the signature is enough, and that is counted.</summary>
    Optional,

    /// <summary>What it refuses is refused, and everything while it cannot be asked.</summary>
    Required,
}
