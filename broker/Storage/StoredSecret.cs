using SidecarAgent.Broker.Leases;
using SidecarAgent.Broker.Secrets;

namespace SidecarAgent.Broker.Storage;

/// <summary>A secret as it is served: values are sealed.</summary>
/// <param name="Head">It has an active version.</param>
/// <param name="Active">That version.</param>
internal sealed record StoredSecret(SecretHead Head, SecretVersion Active)
{
    private readonly string[] _fields = [.. Active.Fields.Select(field => field.Name)];

    /// <summary>About so many bytes of memory.</summary>
    public long Weight { get; } =
        512 + Active.Fields.Sum(field => 256L + field.Sealed.Box.Length + field.Sealed.Key.Bytes.Length);

    /// <param name="held">All leases of a holder on the secret.</param>
    /// <param name="now">Leases that end later are live.</param>
    public Facts FactsOf(IReadOnlyList<Lease> held, DateTimeOffset now)
    {
        Lease? live = null;
        foreach (var lease in held)
        {
            if (lease.Version == Head.ActiveVersion && LeaseRule.IsLive(lease, now))
                live = lease;
        }

        return new Facts(Head, _fields, live);
    }
}
