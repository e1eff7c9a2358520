namespace SidecarAgent.Broker.Audit;

/// <summary>An entry could not be made durable, so what it is about must not happen.</summary>
internal sealed class AuditUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
