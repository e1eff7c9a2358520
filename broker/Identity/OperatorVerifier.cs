using SidecarAgent.Broker.Configuration;

namespace SidecarAgent.Broker.Identity;

/// <summary>Verifies the tokens of operators who come over TLS. (The Unix socket needs none: its mode is the proof.)</summary>
internal sealed class OperatorVerifier(TrustedIssuers issuers, IReadOnlyList<AdminSubject> admins)
{
    public ValueTask<OperatorResult> VerifyAsync(string? token, CancellationToken cancellationToken) =>
        throw new NotImplementedException($"{issuers}{admins}{token}{cancellationToken}");
}
