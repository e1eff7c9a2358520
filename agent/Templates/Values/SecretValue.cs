using System.Diagnostics.CodeAnalysis;
using SidecarAgent.Agent.Rendering;

namespace SidecarAgent.Agent.Templates.Values;

/// <summary>
/// What <c>secret "path"</c> gives: the map of the secret's fields, which also answers to the names that templates for
/// Vault Agent use: <c>.Data.field</c> (version 1 of its key-value store), <c>.Data.data.field</c> and
/// <c>.Data.metadata.version</c> (version 2). Those names are not listed, so ranging or toJSON show the fields only.
/// </summary>
internal sealed class SecretValue : MapValue
{
    private const string MetadataName = "metadata";

    private readonly SecretData _secret;
    private readonly Level _level;
    private readonly Dictionary<string, Value> _fields = new(StringComparer.Ordinal);

    public SecretValue(SecretData secret)
        : this(secret, Level.Secret)
    {
    }

    private SecretValue(SecretData secret, Level level) => (_secret, _level) = (secret, level);

    /// <summary>How far a template has come along <c>.Data.data</c>.</summary>
    private enum Level
    {
        Secret,
        Data,
        Fields,
    }

    /// <summary>A secret is there, even if it has no fields.</summary>
    public override bool IsTrue => _level == Level.Secret || Count > 0;

    public override int Count => _secret.FieldNames.Count;

    public override string[] Keys => [.. _secret.FieldNames];

    public override bool TryGet(string key, [NotNullWhen(true)] out Value? value)
    {
        if (_level == Level.Secret && key is "Data" or "Version")
            value = Once(key, () => key == "Data" ? new SecretValue(_secret, Level.Data) : Version());
        else if (_secret.TryGetField(key, out var bytes))
            value = Once(key, () => new TextValue(bytes));
        else if (_level == Level.Data && key is "data" or MetadataName)
            value = Once(key, () => key == MetadataName ? Metadata() : new SecretValue(_secret, Level.Fields));
        else
            value = null;
        return value is not null;
    }

    private Value Once(string key, Func<Value> make)
    {
        if (!_fields.TryGetValue(key, out var value))
            _fields.Add(key, value = make());
        return value;
    }

    private IntValue Version() => new((long)_secret.Version);

    private DictValue Metadata()
    {
        var metadata = new DictValue();
        metadata.Set("version", Version());
        return metadata;
    }
}
