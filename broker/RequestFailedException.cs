using SidecarAgent.Broker.Secrets;

namespace SidecarAgent.Broker;

/// <summary>A call failed for a reason that its caller is told. The message is for people and holds no value.</summary>
internal sealed class RequestFailedException(ErrorReason reason, string message, SecretPath? path = null)
    : Exception(message)
{
    public ErrorReason Reason { get; } = reason;

    public SecretPath? Path { get; } = path;

    /// <summary>How long to wait before trying again; null: as is usual for the reason.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
