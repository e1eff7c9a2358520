using Google.Protobuf.WellKnownTypes;
using SidecarAgent.Broker.Credentials;
using SidecarAgent.Broker.Leases;
using SidecarAgent.V1;

namespace SidecarAgent.Broker.Api;

/// <summary>Says on the wire what there is of a lease.</summary>
internal static class LeaseResponses
{
    public static LeaseSummary Summary(LeaseListing listing)
    {
        var summary = listing.Lease is { } lease ? Live(lease) : Ended(listing.Credential!);
        summary.Account = listing.Credential?.Account.Value ?? "";
        return summary;
    }

    private static LeaseSummary Live(Leases.Lease lease) => new()
    {
        Id = lease.Id,
        Path = lease.Path.ToString(),
        Version = lease.Version,
        Workload = Responses.Workload(lease.Workload),
        State = LeaseState.Live,
        IssuedAt = lease.IssuedAt.ToTimestamp(),
        ExpiresAt = lease.ExpiresAt.ToTimestamp(),
    };

    private static LeaseSummary Ended(Credential credential) => new()
    {
        Id = credential.Id,
        Path = credential.Path.ToString(),
        Version = credential.Version,
        Workload = Responses.Workload(credential.Workload),
        State = credential.State == CredentialState.Irrevocable ? LeaseState.Irrevocable : LeaseState.Revoking,
        IssuedAt = credential.CreatedAt.ToTimestamp(),
        EndedAt = credential.EndedAt?.ToTimestamp(),
        Attempts = (uint)credential.Attempts,
        NextAttemptAt = credential.NextAttemptAt?.ToTimestamp(),
        Problem = credential.Problem ?? "",
    };
}
