namespace SidecarAgent.Broker.Leases;

/// <summary>What became of a request to renew a lease.</summary>
internal abstract record Renewal
{
    public sealed record Renewed(Lease Lease) : Renewal;

    /// <param name="Message">One sentence for the holder's log.</param>
    public sealed record Ended(string Message) : Renewal;
}
