using SidecarAgent.Broker.Configuration;
using SidecarAgent.Broker.Engines.Accounts;
using SidecarAgent.Broker.Engines.Postgres;

namespace SidecarAgent.Broker.Credentials;

/// <summary>The client that each engine speaks to its server with.</summary>
internal static class AccountServers
{
    /// <summary>Nothing is asked yet: a broker starts while a server is away.</summary>
    public static IAccountServer Connect(EngineKind engine, DynamicOptions options)
    {
        var statements = options.Roles.Select(role => role.Statements).ToList();
        return engine switch
        {
            EngineKind.Postgres => new PostgresAccounts(options.Connection, statements),
            _ => throw new InvalidOperationException($"No client for {engine}."),
        };
    }
}
