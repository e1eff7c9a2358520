namespace SidecarAgent.Broker.Configuration;

/// <summary>The engines that a mount can name.</summary>
internal enum EngineKind
{
    /// <summary><c>kv</c>: versions of fields that people or generators put.</summary>
    Kv,

    /// <summary><c>postgres</c>: login roles of a PostgreSQL.</summary>
    Postgres,

    /// <summary><c>mysql</c>: users of a MariaDB.</summary>
    MySql,

    /// <summary><c>redis</c>: users of a Redis, by its access control lists.</summary>
    Redis,

    /// <summary><c>rabbitmq</c>: users of a RabbitMQ, through its management API.</summary>
    RabbitMq,

    /// <summary><c>pki</c>: certificates of a CA of the broker's own.</summary>
    Pki,
}
