namespace SidecarAgent.Broker.Api;

/// <summary>What is known of a caller before anything of its request is read.</summary>
/// <param name="IsProven">It has proved who it is.</param>
/// <param name="Holder">Of a workload, who that is; null: an operator, or nobody knows.</param>
internal readonly record struct Proof(bool IsProven, string? Holder = null);
