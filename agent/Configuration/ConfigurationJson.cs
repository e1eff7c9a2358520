namespace SidecarAgent.Agent.Configuration;

/// <summary>The keys of the configuration as they are written; which are required is for <see cref="ConfigurationParser"/>.</summary>
internal sealed class ConfigurationJson
{
    public static readonly JsonShape<ConfigurationJson> Shape = new JsonShape<ConfigurationJson>(() => new())
        .Object("broker", BrokerJson.Shape, (root, broker) => root.Broker = broker)
        .Object("identity", IdentityJson.Shape, (root, identity) => root.Identity = identity)
        .Text("mountPath", (root, text) => root.MountPath = text)
        .Flag("allowDisk", (root, flag) => root.AllowDisk = flag)
        .Text("onRevoke", (root, text) => root.OnRevoke = text)
        .Text("logLevel", (root, text) => root.LogLevel = text)
        .Text("logFormat", (root, text) => root.LogFormat = text)
        .Text("listen", (root, text) => root.Listen = text)
        .Objects("files", FileJson.Shape, (root, file) => root.Files.Add(file))
        .Text("notify", (root, text) => root.Notify = text);

    public BrokerJson Broker { get; private set; } = new();

    public IdentityJson Identity { get; private set; } = new();

    public string? MountPath { get; private set; }

    public bool AllowDisk { get; private set; }

    public string? OnRevoke { get; private set; }

    public string? LogLevel { get; private set; }

    public string? LogFormat { get; private set; }

    public string? Listen { get; private set; }

    public List<FileJson> Files { get; } = [];

    public string? Notify { get; private set; }
}

internal sealed class BrokerJson
{
    public static readonly JsonShape<BrokerJson> Shape = new JsonShape<BrokerJson>(() => new())
        .Text("address", (broker, text) => broker.Address = text)
        .Text("caFile", (broker, text) => broker.CaFile = text)
        .Text("caPem", (broker, text) => broker.CaPem = text);

    public string? Address { get; private set; }

    public string? CaFile { get; private set; }

    public string? CaPem { get; private set; }
}

internal sealed class IdentityJson
{
    public static readonly JsonShape<IdentityJson> Shape = new JsonShape<IdentityJson>(() => new())
        .Text("tokenFile", (identity, text) => identity.TokenFile = text)
        .Text("spiffeSocket", (identity, text) => identity.SpiffeSocket = text)
        .Text("audience", (identity, text) => identity.Audience = text);

    public string? TokenFile { get; private set; }

    public string? SpiffeSocket { get; private set; }

    public string? Audience { get; private set; }
}

internal sealed class FileJson
{
    public static readonly JsonShape<FileJson> Shape = new JsonShape<FileJson>(() => new())
        .Text("file", (file, text) => file.File = text)
        .Text("secret", (file, text) => file.Secret = text)
        .Text("field", (file, text) => file.Field = text)
        .Text("format", (file, text) => file.Format = text)
        .Text("template", (file, text) => file.Template = text)
        .Text("leftDelimiter", (file, text) => file.LeftDelimiter = text)
        .Text("rightDelimiter", (file, text) => file.RightDelimiter = text)
        .Text("missingKey", (file, text) => file.MissingKey = text)
        .Text("mode", (file, text) => file.Mode = text)
        .Text("notify", (file, text) => file.Notify = text);

    public string? File { get; private set; }

    public string? Secret { get; private set; }

    public string? Field { get; private set; }

    public string? Format { get; private set; }

    public string? Template { get; private set; }

    public string? LeftDelimiter { get; private set; }

    public string? RightDelimiter { get; private set; }

    public string? MissingKey { get; private set; }

    public string? Mode { get; private set; }

    public string? Notify { get; private set; }
}
