namespace SidecarAgent.Broker.Secrets;

/// <summary>A secret in a list.</summary>
/// <param name="Head">The secret.</param>
/// <param name="Holders">Live leases on any version.</param>
internal sealed record SecretListing(SecretHead Head, int Holders);
