namespace SidecarAgent.Broker.Credentials;

/// <summary>How long accounts are taken outside. Pure.</summary>
internal static class CredentialRule
{
    /// <summary>
    /// How much longer than its lease the server takes an account: the two clocks differ, and whoever has renewed in
    /// time must not be locked out because the call outside took a while.
    /// </summary>
    public static readonly TimeSpan Margin = TimeSpan.FromMinutes(5);

    /// <summary>How much of that margin must be left for a lease that is extended without asking the server.</summary>
    public static readonly TimeSpan LeastMargin = TimeSpan.FromMinutes(1);

    /// <summary>What is to be written into the server for a lease that ends then.</summary>
    public static DateTimeOffset ValidUntil(DateTimeOffset leaseEndsAt) => leaseEndsAt + Margin;

    /// <summary>Whether the server must be told before a lease may end so late.</summary>
    public static bool MustExtend(DateTimeOffset leaseEndsAt, DateTimeOffset? validUntil) =>
        validUntil is { } until && leaseEndsAt + LeastMargin > until;

    /// <summary>When a lease ends that was to end later, if the server could not be told.</summary>
    public static DateTimeOffset WithoutExtension(DateTimeOffset leaseEndsAt, DateTimeOffset validUntil)
    {
        var latest = validUntil - LeastMargin;
        return leaseEndsAt < latest ? leaseEndsAt : latest;
    }

    /// <summary>
    /// Until when an account may still appear that is asked for now: a call that is given up after its time may be
    /// carried out by a server that was only slow.
    /// </summary>
    public static DateTimeOffset InDoubtUntil(DateTimeOffset now, TimeSpan timeout) => now + 3 * timeout;
}
