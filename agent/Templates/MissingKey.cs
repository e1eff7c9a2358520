namespace SidecarAgent.Agent.Templates;

/// <summary>What a field that a map does not have gives; Go's option missingkey.</summary>
internal enum MissingKey
{
    /// <summary>No value, which prints as <c>&lt;no value&gt;</c>, and whose fields have none either.</summary>
    NoValue,

    /// <summary>The zero value of the map's elements. That is nil here, so it also prints as <c>&lt;no value&gt;</c>.</summary>
    Zero,

    /// <summary>Rendering fails.</summary>
    Error,
}
