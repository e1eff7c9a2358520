namespace SidecarAgent.Agent.Connection;

/// <summary>There is no usable workload token. The message is one sentence that names the file, never its content.</summary>
internal sealed class TokenException(string message) : Exception(message);
