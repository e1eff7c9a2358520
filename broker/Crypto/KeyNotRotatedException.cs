namespace SidecarAgent.Broker.Crypto;

/// <summary>The broker cannot make a new KEK by itself. The message says who can, and how.</summary>
internal sealed class KeyNotRotatedException(string message, Exception? cause = null) : Exception(message, cause);
