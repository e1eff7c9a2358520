using SidecarAgent.V1;

namespace SidecarAgent.Agent.Sync;

/// <summary>What is said to the broker about a version that arrived.</summary>
internal static class Acknowledgements
{
    /// <summary>The proto's bound on one request.</summary>
    public const int MaxBatch = 128;

    private const int MaxReason = 512;

    public static Acknowledgement Applied(ReceivedSecret received) => new()
    {
        LeaseId = received.Lease.Id,
        Version = received.Data.Version,
        Outcome = Acknowledgement.Types.Outcome.Applied,
    };

    /// <summary>Of a version that was on disk when the agent started.</summary>
    public static Acknowledgement Applied(ManifestSecret found) => new()
    {
        LeaseId = found.Lease,
        Version = found.Version,
        Outcome = Acknowledgement.Types.Outcome.Applied,
    };

    public static Acknowledgement Rejected(ReceivedSecret received, string reason) => new()
    {
        LeaseId = received.Lease.Id,
        Version = received.Data.Version,
        Outcome = Acknowledgement.Types.Outcome.Rejected,
        Reason = reason.Length <= MaxReason ? reason : reason[..MaxReason],
    };
}
