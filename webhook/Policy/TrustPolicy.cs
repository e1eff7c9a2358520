using System.IO.Enumeration;
using SidecarAgent.Webhook.Injection;

namespace SidecarAgent.Webhook.Policy;

/// <summary>
/// Limits what the author of a pod can make the agent do. The first rule whose namespaces match decides; where none does,
/// nothing that needs trust is allowed.
/// </summary>
internal sealed record TrustPolicy(IReadOnlyList<TrustRule> Rules)
{
    private static readonly TrustRule Nothing = new() { Namespaces = ["*"], May = Trusted.Nothing };

    /// <summary>
    /// Of a configuration without rules: where the mount is and what the agent may use are matters of the pod itself;
    /// which broker is believed and which program runs are not.
    /// </summary>
    public static TrustPolicy Default { get; } =
        new([new TrustRule { Namespaces = ["*"], May = Trusted.MountPath | Trusted.Resources }]);

    /// <summary>A sentence for each thing that the namespace may not ask for.</summary>
    public IEnumerable<string> Violations(string @namespace, InjectionRequest request)
    {
        var rule = Rules.FirstOrDefault(candidate => Matches(candidate.Namespaces, @namespace)) ?? Nothing;
        var where = $"in namespace {Foreign.Quote(@namespace)}";
        foreach (var (annotation, needed) in Asked(request).Where(asked => !rule.May.HasFlag(asked.Needed)))
            yield return $"annotation {Annotations.Prefix}{annotation}: not allowed {where} by the webhook's trust policy (it needs '{Word(needed)}')";

        if (request.Image is { } image && rule.May.HasFlag(Trusted.Image) && !Admits(rule.Images, image))
            yield return $"annotation {Annotations.Prefix}{Annotations.Image}: image {Foreign.Quote(image)} is not among those allowed {where}: {string.Join(", ", rule.Images)}";
        if (request.MountPath is { } path && rule.May.HasFlag(Trusted.MountPath) && !Admits(rule.MountPaths, path))
            yield return $"annotation {Annotations.Prefix}{Annotations.MountPath}: {Foreign.Quote(path)} is not among those allowed {where}: {string.Join(", ", rule.MountPaths)}";
        foreach (var problem in TooMuch(rule, request))
            yield return $"annotation {Annotations.Prefix}{problem} {where}";
        foreach (var file in request.Files.Where(file => (file.Mode & ~rule.FileModes) != 0))
            yield return $"annotation {Annotations.Prefix}{Annotations.ModeOf}{Foreign.Plain(file.Name)}: mode {file.ModeText} has bits beyond {ModeText(rule.FileModes)}, the most allowed {where}";
    }

    private static IEnumerable<(string Annotation, Trusted Needed)> Asked(InjectionRequest request)
    {
        if (request.Broker is not null)
            yield return (Annotations.Broker, Trusted.Broker);
        if (request.Image is not null)
            yield return (Annotations.Image, Trusted.Image);
        if (request.Audience is not null)
            yield return (Annotations.Audience, Trusted.Audience);
        if (request.MountPath is not null)
            yield return (Annotations.MountPath, Trusted.MountPath);
        foreach (var (annotation, choice) in Chosen(request.Resources).Where(chosen => chosen.Choice is not null))
            yield return (annotation, Trusted.Resources);
        if (request.VolumeSize is not null)
            yield return (Annotations.VolumeSize, Trusted.Resources);
    }

    private static IEnumerable<string> TooMuch(TrustRule rule, InjectionRequest request)
    {
        if (!rule.May.HasFlag(Trusted.Resources))
            yield break;
        foreach (var (annotation, choice) in Chosen(request.Resources))
        {
            var isLimit = annotation is Annotations.CpuLimit or Annotations.MemoryLimit;
            var most = annotation is Annotations.CpuRequest or Annotations.CpuLimit ? rule.MaxCpu : rule.MaxMemory;
            if (most is null || choice is null)
                continue;
            if (choice.Quantity is null && isLimit)
                yield return $"{annotation}: a limit of at most {most} is needed";
            else if (choice.Quantity is { } quantity && quantity.Value > most.Value)
                yield return $"{annotation}: {quantity} is more than {most}, the most allowed";
        }

        if (rule.MaxVolume is { } largest && request.VolumeSize is { } size && size.Value > largest.Value)
            yield return $"{Annotations.VolumeSize}: {size} is more than {largest}, the most allowed";
    }

    private static (string Annotation, ResourceChoice? Choice)[] Chosen(ResourceChoices resources) =>
    [
        (Annotations.CpuRequest, resources.CpuRequest),
        (Annotations.MemoryRequest, resources.MemoryRequest),
        (Annotations.CpuLimit, resources.CpuLimit),
        (Annotations.MemoryLimit, resources.MemoryLimit),
    ];

    private static bool Admits(IReadOnlyList<string> patterns, string text) => patterns.Count == 0 || Matches(patterns, text);

    private static bool Matches(IReadOnlyList<string> patterns, string text) =>
        patterns.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, text, ignoreCase: false));

    private static string Word(Trusted needed) => needed is Trusted.MountPath ? "mount-path" : needed.ToString().ToLowerInvariant();

    private static string ModeText(int mode) => "0" + Convert.ToString(mode, 8).PadLeft(3, '0');
}
