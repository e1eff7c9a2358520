namespace SidecarAgent.Webhook.Injection;

/// <summary>The annotations of one pod, as they are to be read.</summary>
/// <param name="Values">By whole name; those of others may be among them.</param>
internal sealed record AnnotationSet(IReadOnlyDictionary<string, string> Values)
{
    private static readonly IReadOnlyDictionary<string, string> None = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>For annotations of ours that were made of others, by name without the prefix: what the pod's author wrote.</summary>
    public IReadOnlyDictionary<string, string> Origins { get; init; } = None;

    /// <summary>What is wrong with the others.</summary>
    public IReadOnlyList<string> Problems { get; init; } = [];

    /// <summary>What of the others has no effect, and what to use instead.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>Where the files are if the pod does not say.</summary>
    public string DefaultMountPath { get; init; } = "/secrets";

    /// <summary>What <c>inject</c> says; null: nothing.</summary>
    public string? Inject => Values.GetValueOrDefault(Annotations.Prefix + Annotations.Inject);
}
