namespace SidecarAgent.Broker.Identity;

/// <summary>A token that its issuer vouches for.</summary>
/// <param name="Content">What it says.</param>
/// <param name="Issuer">Who says it.</param>
/// <param name="Keys">The issuer's keys that proved it.</param>
internal sealed record SignedToken(ParsedToken Content, TrustedIssuer Issuer, KeySet Keys);
