using SidecarAgent.Webhook.Injection;

namespace SidecarAgent.Webhook.Policy;

/// <summary>What an annotation may ask for only where a rule allows it.</summary>
[Flags]
internal enum Trusted
{
    Nothing = 0,
    Broker = 1,
    Image = 2,
    Audience = 4,
    Resources = 8,
    MountPath = 16,
}

/// <summary>What annotations may ask for in some namespaces.</summary>
internal sealed record TrustRule
{
    /// <summary>Names of namespaces; <c>*</c> stands for any characters.</summary>
    public required IReadOnlyList<string> Namespaces { get; init; }

    public required Trusted May { get; init; }

    /// <summary>The images that may be chosen, with <c>*</c>; empty: any. Only with <see cref="Trusted.Image"/>.</summary>
    public IReadOnlyList<string> Images { get; init; } = [];

    /// <summary>The mount paths that may be chosen, with <c>*</c>; empty: any that hides nothing. Only with <see cref="Trusted.MountPath"/>.</summary>
    public IReadOnlyList<string> MountPaths { get; init; } = [];

    /// <summary>Cores, as request and as limit, that may be chosen at most; null: any. Only with <see cref="Trusted.Resources"/>.</summary>
    public Quantity? MaxCpu { get; init; }

    /// <summary>Bytes, as request and as limit, that may be chosen at most; null: any.</summary>
    public Quantity? MaxMemory { get; init; }

    /// <summary>The largest volume that may be chosen; null: any.</summary>
    public Quantity? MaxVolume { get; init; }

    /// <summary>The bits that the mode of a file may have.</summary>
    public int FileModes { get; init; } = 0b111_111_111;
}
