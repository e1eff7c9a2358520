using SidecarAgent.Broker.Configuration;

namespace SidecarAgent.Broker.Identity;

/// <summary>The issuers that the broker believes, and their keys.</summary>
internal sealed class TrustedIssuers
{
    private readonly Dictionary<string, TrustedIssuer> _byName;

    public TrustedIssuers(IReadOnlyList<IssuerOptions> issuers, TimeProvider clock, ILogger<TrustedIssuers> logger)
    {
        _byName = issuers.ToDictionary(
            issuer => issuer.Issuer,
            issuer => new TrustedIssuer(
                issuer, new IssuerKeys(issuer.Issuer, KeySetReader.For(issuer, clock), clock, logger), clock),
            StringComparer.Ordinal);
    }

    /// <summary>Keeps the keys fresh until it is cancelled; then it throws.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var loops = _byName.Values.Select(issuer => issuer.Keys.RunAsync(stop.Token)).ToList();
        var first = await Task.WhenAny(loops);
        await stop.CancelAsync();
        await first;
    }

    /// <summary>Grows whenever the keys of any issuer change.</summary>
    public long KeyChanges => _byName.Values.Sum(issuer => issuer.Keys.Changes);

    /// <summary>Whether one of the issuers vouches for the token.</summary>
    public async ValueTask<TokenCheck> VerifyAsync(string? token, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(token))
            return TokenCheck.Reject(TokenRejection.Missing, "no token was sent; expected 'authorization: Bearer TOKEN'");
        if (token.Length > TokenVerifier.MaxTokenLength)
            return TokenCheck.Reject(
                TokenRejection.Oversize,
                $"the token has {token.Length} characters; at most {TokenVerifier.MaxTokenLength} are allowed");
        if (ParsedToken.Parse(token, out var rejection) is not { } parsed)
            return new TokenCheck(null, rejection);
        if (SpiffeId.IsClaimed(parsed.Subject))
            return await VerifySpiffeAsync(token, parsed, cancellationToken);
        if (!_byName.TryGetValue(parsed.Issuer, out var issuer))
            return TokenCheck.Reject(
                TokenRejection.UnknownIssuer,
                $"the token is from the issuer '{ForeignText.Clean(parsed.Issuer)}', expected {string.Join(" or ", _byName.Keys)}");
        // A trust domain, which may be a partner's, vouches for its own SPIFFE IDs and never for anybody's service account.
        return issuer.IsSpiffe
            ? TokenCheck.Reject(TokenRejection.Claims, $"the token is from {issuer.Name}, and its subject is not a SPIFFE ID")
            : await issuer.VerifyAsync(token, parsed, cancellationToken);
    }

    /// <summary>Only the bundle of the subject's own trust domain counts.</summary>
    private async ValueTask<TokenCheck> VerifySpiffeAsync(
        string token, ParsedToken parsed, CancellationToken cancellationToken)
    {
        if (!SpiffeId.TryParse(parsed.Subject, out var trustDomain, out _))
            return TokenCheck.Reject(TokenRejection.Claims, "the token's subject is not a SPIFFE ID");
        return _byName.TryGetValue(trustDomain, out var issuer)
            ? await issuer.VerifyAsync(token, parsed, cancellationToken)
            : TokenCheck.Reject(TokenRejection.UnknownIssuer, $"the token is from the trust domain {trustDomain}, which is not configured");
    }
}
