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
    private readonly SecretData _secret;
    private readonly Level _level;
    private readonly Dictionary<string, Value> _values = new(StringComparer.Ordinal);

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
        if (_values.TryGetValue(key, out value))
            return true;
        value = Make(key);
        if (value is not null)
            _values.Add(key, value);
        return value is not null;
    }

    private Value? Make(string key)
    {
        if (_level == Level.Secret && key == "Data")
            return new SecretValue(_secret, Level.Data);
        if (_level == Level.Secret && key == "Version")
            return Version();
        if (_secret.TryGetField(key, out var bytes))
            return new TextValue(bytes);
        return (_level, key) switch
        {
            (Level.Data, "data") => new SecretValue(_secret, Level.Fields),
            (Level.Data, "metadata") => Metadata(),
            _ => null,
        };
    }

    private IntValue Version() => new((long)_secret.Version);

    private DictValue Metadata()
    {
        var metadata = new DictValue();
        metadata.Set("version", Version());
        return metadata;
    }
}
