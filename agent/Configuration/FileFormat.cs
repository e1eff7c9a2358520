namespace SidecarAgent.Agent.Configuration;

/// <summary>How a secret's fields become the bytes of a file, where there is no template.</summary>
internal enum FileFormat
{
    /// <summary>One JSON object, fields sorted by name. The default.</summary>
    Json,

    /// <summary>The exact bytes of one field.</summary>
    Raw,

    /// <summary><c>NAME='value'</c> lines that a POSIX shell can source.</summary>
    Env,

    /// <summary>One YAML mapping.</summary>
    Yaml,

    /// <summary>Java properties (ISO 8859-1 with \u escapes, as java.util.Properties loads them).</summary>
    Properties,
}
