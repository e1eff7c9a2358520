namespace SidecarAgent.Broker.Configuration;

/// <summary>An issuer whose tokens the broker believes.</summary>
internal sealed record IssuerOptions
{
    /// <summary>Asymmetric ones only: with a public key, an HMAC could be made by anybody who knows it.</summary>
    public static IReadOnlyList<string> AllowedAlgorithms { get; } =
        ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"];

    /// <summary><c>issuer</c>: the tokens' <c>iss</c>, compared exactly. Required.</summary>
    public required string Issuer { get; init; }

    /// <summary><c>audience</c>: what the tokens' <c>aud</c> must hold, compared exactly. Required.</summary>
    public required string Audience { get; init; }

    /// <summary><c>keys</c>: where its public keys come from. Required.</summary>
    public required KeySource Keys { get; init; }

    /// <summary>
    /// <c>caFile</c>: the only certificates (PEM) that the issuer's server is believed by; null: the system's. Only where
    /// keys come over HTTPS.
    /// </summary>
    public string? CaFile { get; init; }

    /// <summary>
    /// <c>tokenFile</c>: a bearer token shown to the issuer when its keys are fetched, read anew each time; null: none.
    /// A Kubernetes API server wants one, the broker's own service account token.
    /// </summary>
    public string? TokenFile { get; init; }

    /// <summary><c>spiffe</c>: its tokens are JWT-SVIDs, and <see cref="Issuer"/> is their trust domain with its scheme.</summary>
    public bool IsSpiffe => Issuer.StartsWith("spiffe://", StringComparison.Ordinal);

    /// <summary><c>tokenReview</c>: whether the API server is asked about each token. Default off.</summary>
    public TokenReviewMode Review { get; init; } = TokenReviewMode.Off;

    /// <summary><c>tokenReviewCache</c>: how long its answer counts; 0s to 5m, default 10s.</summary>
    public TimeSpan ReviewCache { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary><c>apiServer</c>: whom to ask, over HTTPS with the CA and the token above.</summary>
    public Uri ApiServer { get; init; } = new("https://kubernetes.default.svc");

    /// <summary><c>algorithms</c>: of <see cref="AllowedAlgorithms"/>. Default all of them.</summary>
    public IReadOnlyList<string> Algorithms { get; init; } = AllowedAlgorithms;
}
