namespace SidecarAgent.Webhook.Injection;

/// <summary>What the annotations of a pod came to.</summary>
/// <param name="Request">What they ask for; where one could not be used, its default.</param>
/// <param name="Problems">Everything that is wrong, a sentence each.</param>
/// <param name="PlacementKnown">Whether all that decides about containers and mounts could be used, so that conflicts with
/// the pod are real ones.</param>
internal sealed record ParsedAnnotations(InjectionRequest Request, IReadOnlyList<string> Problems, bool PlacementKnown);

/// <summary>Turns annotations into one typed <see cref="InjectionRequest"/>, or says all that is wrong with them.</summary>
internal static class InjectionRequestParser
{
    private const long LargestId = int.MaxValue;
    private const int ShortestToken = 600;
    private const int LongestToken = 86400;
    private const int MostContainers = 1000;

    public static ParsedAnnotations Parse(AnnotationSet annotations)
    {
        var reader = new AnnotationReader(annotations);
        reader.Flag(Annotations.Inject, fallback: true);
        var request = new InjectionRequest
        {
            Files = new FileAnnotations(reader).Read(),
            Mode = reader.OneOf(Annotations.Mode, InjectionMode.Sidecar,
                ("sidecar", InjectionMode.Sidecar), ("init", InjectionMode.Init), ("classic", InjectionMode.Classic)),
            First = reader.Flag(Annotations.First, fallback: true),
            DefaultMountPath = annotations.DefaultMountPath,
            MountPath = reader.Checked(Annotations.MountPath, MountPathRule.Problem),
            Containers = Containers(reader),
            Notify = reader.Notification(Annotations.Notify),
            KeepOnRevoke = reader.OneOf(Annotations.OnRevoke, false, ("delete", false), ("keep", true)),
            RunAsUser = Id(reader, Annotations.RunAsUser),
            RunAsGroup = Id(reader, Annotations.RunAsGroup),
            Resources = new ResourceChoices(
                reader.Resource(Annotations.CpuRequest, "2m"),
                reader.Resource(Annotations.MemoryRequest, "24Mi"),
                reader.Resource(Annotations.CpuLimit, "100m"),
                reader.Resource(Annotations.MemoryLimit, "64Mi")),
            VolumeSize = VolumeSize(reader),
            TokenExpiration = (int?)reader.WholeNumber(Annotations.TokenExpiration, ShortestToken, LongestToken) ?? 3600,
            LogLevel = reader.OneOf(Annotations.LogLevel, "info",
                ("trace", "trace"), ("debug", "debug"), ("info", "info"), ("warn", "warn"), ("error", "error")),
            MetricsPort = (int?)reader.WholeNumber(Annotations.MetricsPort, 1024, 65535),
            Broker = reader.Checked(Annotations.Broker, ValueRules.Broker),
            Image = reader.Checked(Annotations.Image, ValueRules.Image),
            Audience = reader.Checked(Annotations.Audience, ValueRules.Audience),
        };
        return new ParsedAnnotations(request, reader.Problems, !reader.IsSpoilt(DecidesPlacement));
    }

    private static bool DecidesPlacement(string name) =>
        name is Annotations.Mode or Annotations.First or Annotations.MountPath or Annotations.Containers
            or Annotations.RunAsUser or Annotations.Notify
        || name.StartsWith(Annotations.NotifyOf, StringComparison.Ordinal);

    private static long? Id(AnnotationReader reader, string name)
    {
        if (reader.Text(name) is not "0")
            return reader.WholeNumber(name, 1, LargestId);
        reader.Report(name, "the agent does not run as root; choose another id");
        return null;
    }

    private static Quantity? VolumeSize(AnnotationReader reader)
    {
        var size = reader.Quantity(Annotations.VolumeSize, "1Mi");
        if (size is { Value: < 4096 })
            reader.Report(Annotations.VolumeSize, $"at least one page of memory (4Ki) is needed, got {size}");
        return size;
    }

    private static List<string>? Containers(AnnotationReader reader)
    {
        if (reader.Text(Annotations.Containers) is not { } text)
            return null;
        var names = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Distinct(StringComparer.Ordinal).ToList();
        if (names.Count == 0)
            reader.Report(Annotations.Containers, "expected the names of containers, separated by commas");
        if (names.Count > MostContainers)
            reader.Report(Annotations.Containers, $"at most {MostContainers} containers can be named, got {names.Count}");
        return names.Count > MostContainers ? null : names;
    }
}
