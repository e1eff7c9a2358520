namespace SidecarAgent.Broker;

/// <summary>The broker cannot start or cannot go on. The message is one line: what is wrong and what to do about it.</summary>
internal sealed class CannotStartException(string message, Exception? cause = null) : Exception(message, cause);
