namespace SidecarAgent.Broker.Leases;

/// <summary>Whether a holder uses a version. The numbers are stored.</summary>
internal enum VerdictOutcome
{
    /// <summary>The files are on disk and the application was told.</summary>
    Applied = 1,

    /// <summary>It could not be used; the previous version is still in use.</summary>
    Rejected = 2,
}
