namespace SidecarAgent.Broker.Leases;

/// <summary>What the gate found out about an access: allowed on these terms, or denied.</summary>
internal abstract record Access
{
    /// <param name="Fields">The fields that may be read; null: all of them.</param>
    /// <param name="Terms">How long leases live.</param>
    public sealed record Granted(IReadOnlySet<string>? Fields, LeaseTerms Terms) : Access;

    public sealed record Refused(Denial Denial) : Access;
}
