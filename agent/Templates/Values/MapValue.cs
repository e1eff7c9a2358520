using System.Diagnostics.CodeAnalysis;

namespace SidecarAgent.Agent.Templates.Values;

/// <summary>A map with string keys.</summary>
internal abstract class MapValue : Value
{
    public override string GoType => "map[string]interface {}";

    public override bool IsTrue => Count > 0;

    public abstract int Count { get; }

    /// <summary>A copy, in Go's order: by UTF-8 bytes.</summary>
    public abstract string[] Keys { get; }

    /// <summary>By the name that a template wrote; may know more names than <see cref="Keys"/> lists.</summary>
    public abstract bool TryGet(string key, [NotNullWhen(true)] out Value? value);

    /// <summary>Null where the key is not there.</summary>
    public Value this[string key] => TryGet(key, out var value) ? value : NilValue.Null;
}
