namespace SidecarAgent.Quickstart.PodRunner;

/// <summary>Stands in for the API server's TokenRequest: makes a workload token that is bound to the pod.</summary>
/// <returns>A JWT.</returns>
/// <exception cref="TokenIssueException">No token could be made; it is asked for again later.</exception>
internal delegate Task<string> TokenIssuer(
    PodIdentity pod, string audience, TimeSpan lifetime, CancellationToken cancellationToken);

internal sealed class TokenIssueException(string message) : Exception(message);
