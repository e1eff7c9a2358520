namespace SidecarAgent.Broker.Credentials;

/// <summary>Why a credential could not be made, for the holder, and how long it is to wait.</summary>
internal sealed record NotMade(string Message, TimeSpan RetryAfter);
