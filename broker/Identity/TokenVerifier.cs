namespace SidecarAgent.Broker.Identity;

/// <summary>Verifies the tokens of workloads.</summary>
internal sealed class TokenVerifier(TrustedIssuers issuers)
{
    /// <summary>In characters. A projected token has about 1,100.</summary>
    public const int MaxTokenLength = 16 * 1024;

    public ValueTask<TokenResult> VerifyAsync(string? token, CancellationToken cancellationToken) =>
        throw new NotImplementedException($"{issuers}{token}{cancellationToken}");
}
