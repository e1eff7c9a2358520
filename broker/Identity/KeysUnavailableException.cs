namespace SidecarAgent.Broker.Identity;

/// <summary>An issuer's keys could not be had this time. The message is safe to log.</summary>
internal sealed class KeysUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
