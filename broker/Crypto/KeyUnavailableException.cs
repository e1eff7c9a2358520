namespace SidecarAgent.Broker.Crypto;

/// <summary>
/// The key service (an HSM, a KMS plugin) cannot be used now. Nothing is lost, and trying again later may help. The
/// message is one clause for people, and holds no key.
/// </summary>
internal sealed class KeyUnavailableException(string message, Exception? cause = null) : Exception(message, cause);
