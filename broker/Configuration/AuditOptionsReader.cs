using SidecarAgent.Broker.Audit;
using SidecarAgent.Yaml;

namespace SidecarAgent.Broker.Configuration;

/// <summary>Reads <c>audit</c>.</summary>
internal sealed class AuditOptionsReader(ConfiguredFiles files)
{
    private const int MaxMegabytes = 1024 * 1024;

    public AuditOptions Read(YamlMap root)
    {
        var map = root.Map("audit");
        return new AuditOptions(
            files.Written(map, "file"),
            map.WholeNumber("maxMegabytes", AuditOptions.DefaultMegabytes, 1, MaxMegabytes) * AuditOptions.Megabyte,
            map.OptionalMap("checkpoints") is { } checkpoints ? Checkpoints(checkpoints) : null)
        {
            Hash = map.OptionalMap("hashIdentifiers") is { } hash ? Hash(hash) : null,
        };
    }

    private AuditHashOptions Hash(YamlMap map)
    {
        var keyFile = files.Readable(map, "keyFile", "make it with 'sidecar-broker init-key FILE'");
        var fields = map.Texts("fields");
        if (fields.Count == 0)
            map.Report($"'hashIdentifiers' needs 'fields', a list of {string.Join(", ", IdentifierHash.Fields)}");
        foreach (var field in fields.Where(field => !IdentifierHash.Fields.Contains(field)))
        {
            map.Report("fields", NearestName.Find(field, IdentifierHash.Fields) is { } nearest
                ? $"'{field}' cannot be hashed; did you mean '{nearest}'?"
                : $"'{field}' cannot be hashed; expected some of {string.Join(", ", IdentifierHash.Fields)}");
        }

        return new AuditHashOptions(keyFile, fields.ToHashSet(StringComparer.Ordinal));
    }

    private CheckpointOptions Checkpoints(YamlMap map)
    {
        var every = map.Duration("every", TimeSpan.FromMinutes(10));
        if (every < TimeSpan.FromSeconds(1) || every > TimeSpan.FromDays(1))
            map.Report("every", "'every' must be from 1s to 24h");
        return new CheckpointOptions(
            files.Readable(map, "keyFile", "make it with 'sidecar-broker init-audit-key', and give its .pub to the auditors"),
            every);
    }
}
