using SidecarAgent.Broker.Identity;

namespace SidecarAgent.Broker.Audit;

/// <summary>
/// What happened, before the log gives it a number, a time and a place in the chain. Never a value of a secret.
/// </summary>
/// <param name="Action">What was asked for.</param>
/// <param name="Allowed">Whether it was allowed.</param>
/// <param name="Detail">One sentence: why it was denied, or what is worth knowing; null if nothing.</param>
internal sealed record AuditEntry(AuditAction Action, bool Allowed, string? Detail = null)
{
    /// <summary>The workload, for calls of <c>SecretBroker</c>.</summary>
    public Workload? Workload { get; init; }

    /// <summary>The operator's name, for calls of <c>BrokerAdmin</c>.</summary>
    public string? Operator { get; init; }

    public string? Path { get; init; }

    public ulong? Version { get; init; }

    /// <summary>The fields that were given out or changed; null if fields do not matter.</summary>
    public IReadOnlyCollection<string>? Fields { get; init; }

    public string? LeaseId { get; init; }

    /// <summary>
    /// What <see cref="Detail"/> names and the workload does not, in parts that a slash joins, by the member that each would be.
    /// </summary>
    public IReadOnlyList<(string Field, string Value)> Names { get; init; } = [];
}
