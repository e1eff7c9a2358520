namespace SidecarAgent.Broker.Storage;

/// <summary>
/// The database could not do what was asked. What was to be written is not; only where the message says that this is not
/// known, because the broker stops before it could find out, it may be.
/// </summary>
internal sealed class StorageUnavailableException(string message, Exception cause) : Exception(message, cause);
