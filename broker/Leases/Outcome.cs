using SidecarAgent.Broker.Secrets;

namespace SidecarAgent.Broker.Leases;

/// <summary>What became of one wish. One that holds values is disposed by who sends it.</summary>
internal abstract record Outcome : IDisposable
{
    /// <param name="Lease">The lease, which names version and fields.</param>
    /// <param name="ActivatedAt">When the version became the one that is served.</param>
    /// <param name="Fields">Sorted by name.</param>
    public sealed record Issued(Lease Lease, DateTimeOffset ActivatedAt, IReadOnlyList<OpenField> Fields) : Outcome;

    public sealed record Confirmed(Lease Lease) : Outcome;

    public sealed record Revoked(Denial Denial) : Outcome;

    /// <param name="Denial">Why.</param>
    /// <param name="Repeated">The stream has said so before.</param>
    public sealed record Denied(Denial Denial, bool Repeated) : Outcome;

    /// <summary>It was granted, and it could not be done. What the caller holds stays as it is.</summary>
    public sealed record Failed(string Message, TimeSpan RetryAfter) : Outcome;

    public void Dispose()
    {
        if (this is not Issued issued)
            return;
        foreach (var field in issued.Fields)
            field.Dispose();
    }
}
