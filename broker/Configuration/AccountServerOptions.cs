using SidecarAgent.Broker.Engines.Accounts;
using SidecarAgent.Broker.Engines.MariaDb;
using SidecarAgent.Broker.Engines.Postgres;
using SidecarAgent.Broker.Engines.RabbitMq;
using SidecarAgent.Broker.Engines.Redis;

namespace SidecarAgent.Broker.Configuration;

/// <summary>The server behind a mount whose secrets are accounts: how it is reached, and what it makes.</summary>
internal abstract record AccountServerOptions
{
    /// <summary>Nothing is connected before it is asked for something.</summary>
    /// <returns>A client of that server; the caller disposes it.</returns>
    public abstract IAccountServer Open();

    /// <summary><c>engine: postgres</c>.</summary>
    /// <param name="ScramIterations"><c>scramIterations</c>: of passwords' verifiers; 1 to 4096, default 4096.</param>
    public sealed record Postgres(AccountConnection Connection, IReadOnlyList<RoleStatements> Roles, int ScramIterations)
        : AccountServerOptions
    {
        public override IAccountServer Open() => new PostgresAccounts(Connection, Roles, ScramIterations);
    }

    /// <summary><c>engine: mysql</c>.</summary>
    public sealed record MariaDb(AccountConnection Connection, IReadOnlyList<RoleStatements> Roles) : AccountServerOptions
    {
        public override IAccountServer Open() => new MariaDbAccounts(Connection, Roles);
    }

    /// <summary><c>engine: redis</c>.</summary>
    /// <param name="Saves"><c>saveUsers</c>: keep users in the server's <c>aclfile</c>.</param>
    public sealed record Redis(AccountConnection Connection, IReadOnlyList<RedisRole> Roles, bool Saves) : AccountServerOptions
    {
        public override IAccountServer Open() => new RedisAccounts(Connection, Roles, Saves);
    }

    /// <summary><c>engine: rabbitmq</c>.</summary>
    /// <param name="ManagementPort"><c>managementPort</c>: of the HTTP API.</param>
    /// <param name="VirtualHost"><c>vhost</c>: where logins are tried, and what applications are told.</param>
    public sealed record RabbitMq(
        AccountConnection Connection, int ManagementPort, string VirtualHost, IReadOnlyList<RabbitRole> Roles) : AccountServerOptions
    {
        public override IAccountServer Open() => new RabbitAccounts(Connection, ManagementPort, VirtualHost, Roles);
    }
}
