namespace SidecarAgent.Agent.Templates.Values;

/// <summary>
/// A value as a template sees it: what JSON can hold, with Go's rules. Strings are bytes, as in Go, so that a secret is
/// written to the file from where it was received, and so that lengths and slices count what Go counts.
/// </summary>
internal abstract class Value
{
    /// <summary>What <c>printf "%T"</c> prints; also how error messages call the value.</summary>
    public abstract string GoType { get; }

    /// <summary>Go's truth: not nil, not zero, not empty.</summary>
    public abstract bool IsTrue { get; }

    public bool IsNil => this is NilValue;

    /// <summary>Never the value: it may be a secret.</summary>
    public sealed override string ToString() => $"{GoType} ***";
}
