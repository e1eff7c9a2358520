namespace SidecarAgent.Agent.Reload;

/// <summary>The application could not be told. The message is one sentence for its developer.</summary>
internal sealed class NotificationException(string message) : Exception(message);
