using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using SidecarAgent.Broker.Configuration;

namespace SidecarAgent.Broker.Identity;

/// <summary>One issuer that the broker believes: what its tokens must be like, and its keys.</summary>
internal sealed class TrustedIssuer(IssuerOptions options, IssuerKeys keys, TimeProvider clock)
{
    /// <summary>How far the issuer's clock may be from the broker's.</summary>
    public static readonly TimeSpan Skew = TimeSpan.FromSeconds(30);

    private static readonly JsonWebTokenHandler Handler = new()
    {
        MapInboundClaims = false,
        MaximumTokenSizeInBytes = TokenVerifier.MaxTokenLength,
    };

    /// <summary>Asks the API server; null: it is not to be asked.</summary>
    private readonly TokenReviews? _reviews = options.Review == TokenReviewMode.Off ? null : new TokenReviews(options, clock);

    public string Name => options.Issuer;

    public IssuerKeys Keys => keys;

    public bool IsSpiffe => options.IsSpiffe;

    /// <summary>Whether the API server is asked about its tokens.</summary>
    public bool IsReviewed => _reviews is not null;

    /// <summary>Whether the issuer vouches for what the token says.</summary>
    /// <param name="token">As it was sent.</param>
    /// <param name="parsed">What it says.</param>
    /// <param name="cancellationToken">Ends the wait for keys.</param>
    public async ValueTask<TokenCheck> VerifyAsync(string token, ParsedToken parsed, CancellationToken cancellationToken)
    {
        // Before keys are looked for, so that a foreign algorithm costs nothing.
        if (!options.Algorithms.Contains(parsed.Algorithm))
            return Algorithm(parsed, string.Join(", ", options.Algorithms));
        if (await keys.FindAsync(parsed.KeyId, cancellationToken) is not { } published)
            return TokenCheck.Reject(
                TokenRejection.KeysUnavailable, $"the keys of the issuer {Name} are not known yet: {keys.Problem}; try again");
        if (!published.TryGet(parsed.KeyId, out var key))
            return TokenCheck.Reject(
                TokenRejection.UnknownKey,
                $"the issuer {Name} has no key '{ForeignText.Clean(parsed.KeyId)}'; the token may be from before a change of keys");
        if (!key.Algorithms.Contains(parsed.Algorithm))
            return Algorithm(parsed, string.Join(", ", key.Algorithms));

        var result = await Handler.ValidateTokenAsync(token, Parameters(key, parsed));
        return result.IsValid
            ? new TokenCheck(new SignedToken(parsed, this, published), null)
            : new TokenCheck(null, Rejection(parsed, result.Exception));
    }

    /// <summary>Asks the API server about a token that was found good, where it is to be asked.</summary>
    /// <param name="token">As it was sent.</param>
    /// <param name="subject">Whom the API server must find in it, too.</param>
    /// <param name="metrics">Count what it refuses; null: nothing does.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Null: nothing is to be said against the token.</returns>
    public async ValueTask<TokenResult.Rejected?> ReviewAsync(
        string token, string subject, IdentityMetrics? metrics, CancellationToken cancellationToken)
    {
        if (_reviews is null)
            return null;
        switch (await _reviews.AskAsync(token, subject, cancellationToken))
        {
            case ReviewResult.Refused refused:
                metrics?.Reviewed("refused");
                return new(TokenRejection.Revoked, $"the cluster no longer accepts the token: {refused.Problem}");
            case ReviewResult.Unavailable unavailable:
                metrics?.Reviewed("unavailable");
                return options.Review == TokenReviewMode.Required
                    ? new(TokenRejection.ReviewUnavailable, $"the cluster cannot be asked about the token now: {unavailable.Problem}; try again")
                    : null;
            default:
                return null;
        }
    }

    private TokenValidationParameters Parameters(PublishedKey key, ParsedToken parsed) => new()
    {
        // A JWT-SVID is the trust domain's by its key and its subject, whatever its 'iss' (JWT-SVID, section 3).
        ValidateIssuer = !options.IsSpiffe,
        ValidIssuer = Name,
        ValidAudience = options.Audience,
        // By default 'sidecar-broker/' would do, too.
        IgnoreTrailingSlashWhenValidatingAudience = false,
        ValidAlgorithms = [parsed.Algorithm],
        IssuerSigningKey = key.Key,
        TryAllIssuerSigningKeys = false,
        LifetimeValidator = (_, _, _, _) => LifetimeProblem(parsed) is null,
    };

    private TokenResult.Rejected? LifetimeProblem(ParsedToken parsed)
    {
        var now = clock.GetUtcNow();
        if (now >= parsed.ExpiresAt + Skew)
            return new(TokenRejection.Expired, $"the token expired at {parsed.ExpiresAt:u}, now it is {now:u}");
        return now < parsed.NotBefore - Skew
            ? new(TokenRejection.NotYetValid, $"the token is not valid before {parsed.NotBefore:u}, now it is {now:u}")
            : null;
    }

    private TokenResult.Rejected Rejection(ParsedToken parsed, Exception cause) => cause switch
    {
        SecurityTokenInvalidAudienceException => new(
            TokenRejection.Audience,
            $"the token is for the audience {ForeignText.Clean(string.Join(", ", parsed.Audiences))}, expected {options.Audience}"),
        SecurityTokenInvalidLifetimeException when LifetimeProblem(parsed) is { } problem => problem,
        SecurityTokenInvalidSignatureException => new(
            TokenRejection.Signature, $"the token's signature is not that of the issuer {Name}"),
        _ => new(TokenRejection.Malformed, $"the token is malformed: {ForeignText.Clean(cause.Message)}"),
    };

    private static TokenCheck Algorithm(ParsedToken parsed, string expected) => TokenCheck.Reject(
        TokenRejection.Algorithm,
        $"the token is signed by the algorithm '{ForeignText.Clean(parsed.Algorithm)}', expected {expected}");
}
