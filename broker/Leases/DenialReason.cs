namespace SidecarAgent.Broker.Leases;

/// <summary>Why a workload is not given a secret. The names are label values of a metric, in snake_case.</summary>
internal enum DenialReason
{
    /// <summary>No policy grants the path, or one of the fields that were asked for by name.</summary>
    NoGrant,

    /// <summary>The path is granted, but there is nothing there yet.</summary>
    NotFound,

    /// <summary>An operator has cut off the workload, its pod, its node or the secret.</summary>
    CutOff,

    /// <summary>The path is granted, and the secret has no field of that name.</summary>
    FieldNotFound,
}
