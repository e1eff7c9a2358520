using SidecarAgent.Yaml;

namespace SidecarAgent.Webhook.Injection;

/// <summary>The annotations that a pod may carry; docs/annotations.md says what each means. Names are without the prefix.</summary>
internal static class Annotations
{
    public const string Prefix = "sidecar-agent.io/";

    public const string Inject = "inject";
    public const string Status = "status";
    public const string MountPath = "mount-path";
    public const string Containers = "containers";
    public const string Mode = "mode";
    public const string First = "first";
    public const string RunAsUser = "run-as-user";
    public const string RunAsGroup = "run-as-group";
    public const string CpuRequest = "cpu-request";
    public const string MemoryRequest = "memory-request";
    public const string CpuLimit = "cpu-limit";
    public const string MemoryLimit = "memory-limit";
    public const string VolumeSize = "volume-size";
    public const string TokenExpiration = "token-expiration";
    public const string LogLevel = "log-level";
    public const string MetricsPort = "metrics-port";
    public const string OnRevoke = "on-revoke";
    public const string Notify = "notify";
    public const string Broker = "broker";
    public const string Image = "image";
    public const string Audience = "audience";

    /// <summary>What <see cref="Status"/> says on a pod that was injected.</summary>
    public const string Injected = "injected";

    // Each of these is followed by a NAME.
    public const string SecretOf = "secret-";
    public const string TemplateOf = "template-";
    public const string FileOf = "file-";
    public const string FormatOf = "format-";
    public const string ModeOf = "mode-";
    public const string NotifyOf = "notify-";
    public const string DelimitersOf = "delimiters-";
    public const string MissingKeyOf = "missing-key-";

    private static readonly HashSet<string> Whole = new(StringComparer.Ordinal)
    {
        Inject, Status, MountPath, Containers, Mode, First, RunAsUser, RunAsGroup, CpuRequest, MemoryRequest, CpuLimit,
        MemoryLimit, VolumeSize, TokenExpiration, LogLevel, MetricsPort, OnRevoke, Notify, Broker, Image, Audience,
    };

    private static readonly string[] PerFile = [SecretOf, TemplateOf, FileOf, FormatOf, ModeOf, NotifyOf, DelimitersOf, MissingKeyOf];

    public static bool IsWhole(string annotation) => Whole.Contains(annotation);

    /// <summary>Splits <c>secret-db.json</c> into <c>secret-</c> and <c>db.json</c>; null if it is none of that kind.</summary>
    public static (string Kind, string Name)? Split(string annotation) =>
        !IsWhole(annotation) && Array.Find(PerFile, kind => annotation.StartsWith(kind, StringComparison.Ordinal)) is { } kind
            ? (kind, annotation[kind.Length..])
            : null;

    /// <summary>What an unknown annotation was probably meant to be, or null.</summary>
    public static string? Nearest(string unknown)
    {
        var dash = unknown.IndexOf('-', StringComparison.Ordinal);
        var withName = dash < 0 ? [] : PerFile.Select(kind => kind + unknown[(dash + 1)..]);
        return NearestName.Find(unknown, Whole.Concat(withName));
    }
}
