using SidecarAgent.Broker.Identity;
using SidecarAgent.Broker.Leases;
using SidecarAgent.Broker.Secrets;

namespace SidecarAgent.Broker.Tests.Leases;

/// <summary>Leases and their surroundings, as tests want them.</summary>
internal static class Some
{
    public static readonly DateTimeOffset Noon = new(2030, 1, 1, 12, 0, 0, TimeSpan.Zero);

    public static readonly Workload Orders = new("https://issuer", "shop", "orders", "orders-0", "uid-0", "node1");

    /// <summary>Another pod of <see cref="Orders"/>.</summary>
    public static Workload Pod(string uid, string name = "orders-0") => new("https://issuer", "shop", "orders", name, uid, "node1");

    public static readonly SecretPath Db = SecretPath.Parse("kv/shop/db");

    public static readonly LeaseTerms Terms = new(TimeSpan.FromHours(1), TimeSpan.FromHours(24));

    /// <summary>A lease that began at noon.</summary>
    public static Lease Lease(string id = "lease", ulong version = 1, double hours = 1, double maxHours = 24) => new()
    {
        Id = id,
        Workload = Orders,
        Path = Db,
        Version = version,
        Fields = ["password", "user"],
        IssuedAt = Noon,
        ExpiresAt = Noon.AddHours(hours),
        MaxExpiresAt = Noon.AddHours(maxHours),
    };
}
