using SidecarAgent.Broker.Configuration;

namespace SidecarAgent.Broker.Identity;

/// <summary>Verifies the tokens of operators who come over TLS. (The Unix socket needs none: its mode is the proof.)</summary>
internal sealed class OperatorVerifier(
    TrustedIssuers issuers, IReadOnlyList<AdminSubject> admins, IdentityMetrics? metrics = null)
{
    /// <param name="token">What followed "Bearer " in the call's metadata; null or empty: nothing did.</param>
    /// <param name="cancellationToken">Ends the wait for an issuer's keys.</param>
    public async ValueTask<OperatorResult> VerifyAsync(string? token, CancellationToken cancellationToken)
    {
        var check = await issuers.VerifyAsync(token, cancellationToken);
        if (check.Token is not { Content: var content, Issuer: var issuer })
            return new OperatorResult.Rejected(check.Rejection!.Reason, check.Rejection.Message);
        // Who vouches, and not what the token calls it: a JWT-SVID may name any issuer, or none.
        if (!admins.Contains(new AdminSubject(issuer.Name, content.Subject)))
            return new OperatorResult.NotAnAdmin($"'{ForeignText.Clean(content.Subject)}' is not listed under 'admins'");
        return await issuer.ReviewAsync(token!, content.Subject, metrics, cancellationToken) is { } rejected
            ? new OperatorResult.Rejected(rejected.Reason, rejected.Message)
            : new OperatorResult.Verified(new Operator(content.Subject));
    }
}
