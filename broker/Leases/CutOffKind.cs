namespace SidecarAgent.Broker.Leases;

/// <summary>What a cut-off names. The numbers are stored.</summary>
internal enum CutOffKind
{
    /// <summary><c>NAMESPACE/SERVICEACCOUNT</c>.</summary>
    Workload = 1,

    /// <summary><c>NAMESPACE/POD</c>.</summary>
    Pod = 2,

    Node = 3,

    /// <summary>The path of a secret: all its holders.</summary>
    Secret = 4,

    /// <summary>All workloads of a namespace.</summary>
    Namespace = 5,

    /// <summary>Everybody.</summary>
    All = 6,
}
