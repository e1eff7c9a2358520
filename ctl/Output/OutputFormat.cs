namespace SidecarAgent.Ctl.Output;

/// <summary>How an answer is written.</summary>
internal enum OutputFormat
{
    /// <summary>For people: sentences and tables.</summary>
    Table,

    /// <summary>For programs.</summary>
    Json,

    /// <summary>For programs, and people who like it.</summary>
    Yaml,
}
