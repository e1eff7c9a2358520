namespace SidecarAgent.Broker.Configuration;

/// <summary>The engines that a mount can name.</summary>
internal enum EngineKind
{
    /// <summary><c>kv</c>: versions of fields that people or generators put.</summary>
    Kv,

    /// <summary><c>postgres</c>: login roles of a PostgreSQL.</summary>
    Postgres,
}
