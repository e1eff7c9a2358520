namespace SidecarAgent.Broker.Identity;

/// <summary>
/// Verifies the tokens of workloads. One that was verified is not verified again until it expires or its issuer's keys
/// change; what the API server says of it counts for a few seconds.
/// </summary>
internal sealed class TokenVerifier(TrustedIssuers issuers, TimeProvider clock, IdentityMetrics? metrics = null)
{
    /// <summary>In characters. A projected token has about 1,100.</summary>
    public const int MaxTokenLength = 16 * 1024;

    private readonly VerifiedTokens _known = new();

    /// <param name="token">What followed "Bearer " in the call's metadata; empty: nothing did.</param>
    /// <param name="cancellationToken">Ends the wait for an issuer's keys.</param>
    public ValueTask<TokenResult> VerifyAsync(ReadOnlyMemory<char> token, CancellationToken cancellationToken) =>
        VerifyAsync(token, review: true, cancellationToken);

    /// <inheritdoc cref="VerifyAsync(ReadOnlyMemory{char}, CancellationToken)"/>
    public ValueTask<TokenResult> VerifyAsync(string? token, CancellationToken cancellationToken) =>
        VerifyAsync(token.AsMemory(), cancellationToken);

    /// <summary>As <see cref="VerifyAsync(ReadOnlyMemory{char}, CancellationToken)"/>, and the API server is not asked.</summary>
    public ValueTask<TokenResult> VerifyAloneAsync(ReadOnlyMemory<char> token, CancellationToken cancellationToken) =>
        VerifyAsync(token, review: false, cancellationToken);

    private async ValueTask<TokenResult> VerifyAsync(ReadOnlyMemory<char> sent, bool review, CancellationToken cancellationToken)
    {
        if (sent.Length <= MaxTokenLength && _known.TryGet(sent.Span, clock.GetUtcNow(), out var known, out var knownIssuer))
        {
            return review && knownIssuer.IsReviewed && await ReviewAsync(sent.ToString(), known, knownIssuer, cancellationToken) is { } no
                ? no
                : new TokenResult.Verified(known);
        }

        var token = sent.ToString();
        var check = await issuers.VerifyAsync(token, cancellationToken);
        if (check.Token is not { } proof)
            return check.Rejection!;
        if (WorkloadClaims.Read(proof.Content, out var problem) is not { } workload)
            return new TokenResult.Rejected(TokenRejection.Claims, $"the token does not name a workload: {problem}");

        var caller = new Caller(workload, proof.Content.ExpiresAt);
        if (review && await ReviewAsync(token, caller, proof.Issuer, cancellationToken) is { } rejected)
            return rejected;
        _known.Add(token, caller, proof);
        return new TokenResult.Verified(caller);
    }

    /// <returns>Null: nothing is to be said against the token.</returns>
    private ValueTask<TokenResult.Rejected?> ReviewAsync(
        string token, Caller caller, TrustedIssuer issuer, CancellationToken cancellationToken) =>
        issuer.ReviewAsync(
            token, $"system:serviceaccount:{caller.Workload.Namespace}:{caller.Workload.ServiceAccount}", metrics, cancellationToken);
}
