namespace SidecarAgent.Broker.Identity;

/// <summary>
/// Verifies the tokens of workloads. One that was verified is not verified again until it expires or its issuer's keys
/// change.
/// </summary>
internal sealed class TokenVerifier(TrustedIssuers issuers, TimeProvider clock)
{
    /// <summary>In characters. A projected token has about 1,100.</summary>
    public const int MaxTokenLength = 16 * 1024;

    private readonly VerifiedTokens _known = new();

    /// <param name="token">What followed "Bearer " in the call's metadata; null or empty: nothing did.</param>
    /// <param name="cancellationToken">Ends the wait for an issuer's keys.</param>
    public async ValueTask<TokenResult> VerifyAsync(string? token, CancellationToken cancellationToken)
    {
        if (token is { Length: <= MaxTokenLength } && _known.TryGet(token, clock.GetUtcNow(), out var known))
            return new TokenResult.Verified(known);

        var check = await issuers.VerifyAsync(token, cancellationToken);
        if (check.Token is not { } proof)
            return check.Rejection!;
        if (WorkloadClaims.Read(proof.Content, out var problem) is not { } workload)
            return new TokenResult.Rejected(TokenRejection.Claims, $"the token does not name a workload: {problem}");

        var caller = new Caller(workload, proof.Content.ExpiresAt);
        _known.Add(token!, caller, proof);
        return new TokenResult.Verified(caller);
    }
}
