namespace SidecarAgent.Webhook.Injection;

/// <summary>What an injected container asks of its node. Null leaves one out.</summary>
internal sealed record AgentResources(
    Quantity? CpuRequest,
    Quantity? MemoryRequest,
    Quantity? CpuLimit,
    Quantity? MemoryLimit)
{
    public static AgentResources Default { get; } =
        new(Quantity.Parse("2m"), Quantity.Parse("24Mi"), CpuLimit: null, Quantity.Parse("64Mi"));
}

/// <summary>One resource that a pod sets for itself: a quantity, or null for <c>none</c>.</summary>
internal sealed record ResourceChoice(Quantity? Quantity);

/// <summary>The resources that a pod sets for itself; null: as the webhook's configuration says.</summary>
internal sealed record ResourceChoices(
    ResourceChoice? CpuRequest,
    ResourceChoice? MemoryRequest,
    ResourceChoice? CpuLimit,
    ResourceChoice? MemoryLimit)
{
    /// <summary>
    /// A request that the pod did not choose is lowered to its limit, so that who lowers a limit need not know both.
    /// </summary>
    public AgentResources Over(AgentResources configured)
    {
        var cpuLimit = CpuLimit is null ? configured.CpuLimit : CpuLimit.Quantity;
        var memoryLimit = MemoryLimit is null ? configured.MemoryLimit : MemoryLimit.Quantity;
        return new AgentResources(
            CpuRequest is null ? Lower(configured.CpuRequest, cpuLimit) : CpuRequest.Quantity,
            MemoryRequest is null ? Lower(configured.MemoryRequest, memoryLimit) : MemoryRequest.Quantity,
            cpuLimit,
            memoryLimit);
    }

    private static Quantity? Lower(Quantity? request, Quantity? limit) =>
        request is not null && limit is not null && request.Value > limit.Value ? limit : request;
}
