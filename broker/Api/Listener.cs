namespace SidecarAgent.Broker.Api;

/// <summary>Which of the broker's doors a connection came through. Set on the connection, so no header can claim it.</summary>
internal enum Listener
{
    /// <summary>gRPC over TLS: workloads, and operators with a token.</summary>
    Tls,

    /// <summary>gRPC over the Unix socket: operators, proved by the file's mode.</summary>
    AdminSocket,

    /// <summary>Plain HTTP: metrics and health.</summary>
    Metrics,
}
