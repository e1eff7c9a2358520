using System.Text.Json.Serialization;

namespace SidecarAgent.Agent.Configuration;

/// <summary>The keys of the configuration as they are written; which are required is for <see cref="ConfigurationParser"/>.</summary>
internal sealed class ConfigurationJson
{
    public BrokerJson? Broker { get; set; }

    public IdentityJson? Identity { get; set; }

    public string? MountPath { get; set; }

    public bool AllowDisk { get; set; }

    public string? OnRevoke { get; set; }

    public string? LogLevel { get; set; }

    public string? LogFormat { get; set; }

    public string? Listen { get; set; }

    public List<FileJson?>? Files { get; set; }

    public string? Notify { get; set; }
}

internal sealed class BrokerJson
{
    public string? Address { get; set; }

    public string? CaFile { get; set; }

    public string? CaPem { get; set; }
}

internal sealed class IdentityJson
{
    public string? TokenFile { get; set; }

    public string? SpiffeSocket { get; set; }

    public string? Audience { get; set; }
}

internal sealed class FileJson
{
    public string? File { get; set; }

    public string? Secret { get; set; }

    public string? Field { get; set; }

    public string? Format { get; set; }

    public string? Template { get; set; }

    public string? LeftDelimiter { get; set; }

    public string? RightDelimiter { get; set; }

    public string? MissingKey { get; set; }

    public string? Mode { get; set; }

    public string? Notify { get; set; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(ConfigurationJson))]
internal sealed partial class ConfigurationJsonContext : JsonSerializerContext;
