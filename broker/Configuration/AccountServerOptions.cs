using SidecarAgent.Broker.Engines.Accounts;
using SidecarAgent.Broker.Engines.Postgres;

namespace SidecarAgent.Broker.Configuration;

/// <summary>The server behind a mount whose secrets are accounts: how it is reached, and what it makes.</summary>
internal abstract record AccountServerOptions
{
    /// <summary>Nothing is connected before it is asked for something.</summary>
    /// <returns>A client of that server; the caller disposes it.</returns>
    public abstract IAccountServer Open();

    /// <summary><c>engine: postgres</c>.</summary>
    public sealed record Postgres(AccountConnection Connection, IReadOnlyList<RoleStatements> Roles) : AccountServerOptions
    {
        public override IAccountServer Open() => new PostgresAccounts(Connection, Roles);
    }
}
