namespace SidecarAgent.Broker.Storage;

/// <summary>The database could not do what was asked. What was to be written is not.</summary>
internal sealed class StorageUnavailableException(string message, Exception cause) : Exception(message, cause);
