using SidecarAgent.Broker.Configuration;

namespace SidecarAgent.Broker.Identity;

/// <summary>The issuers that the broker believes, and their keys.</summary>
internal sealed class TrustedIssuers
{
    public TrustedIssuers(IReadOnlyList<IssuerOptions> issuers, TimeProvider clock, ILogger<TrustedIssuers> logger) =>
        throw new NotImplementedException($"{issuers}{clock}{logger}");

    /// <summary>Keeps the keys fresh until it is cancelled.</summary>
    public Task RunAsync(CancellationToken cancellationToken) => throw new NotImplementedException($"{cancellationToken}");
}
