using Google.Protobuf.WellKnownTypes;
using SidecarAgent.V1;

namespace SidecarAgent.Ctl.Tests.FakeBroker;

/// <summary>What a broker answers about leases.</summary>
internal static class RecordedLeases
{
    public static ListLeasesResponse Listed => new()
    {
        Leases = { Lease("b", "kv/shop/orders", ""), Lease("a", "database/creds/orders", "sa-orders-x7") },
    };

    public static ListLeasesResponse Irrevocable
    {
        get
        {
            var lease = Lease("c", "database/creds/orders", "sa-orders-y8");
            lease.State = LeaseState.Irrevocable;
            lease.ExpiresAt = null;
            lease.EndedAt = Recorded.At;
            lease.NextAttemptAt = new Timestamp { Seconds = Recorded.At.Seconds + 3600 };
            lease.Attempts = 291;
            lease.Problem = "role owns objects in \u001b[31manother database";
            return new ListLeasesResponse { Leases = { lease } };
        }
    }

    public static RevokeLeasesResponse Revoked => new() { LeasesEnded = 2 };

    private static LeaseSummary Lease(string id, string path, string account) => new()
    {
        Id = id,
        Path = path,
        Version = 3,
        Workload = new WorkloadIdentity { Namespace = "shop", ServiceAccount = "orders", Pod = "orders-0", PodUid = "uid", Node = "node-1" },
        State = LeaseState.Live,
        IssuedAt = Recorded.At,
        ExpiresAt = new Timestamp { Seconds = Recorded.At.Seconds + 3600 },
        Account = account,
    };
}
