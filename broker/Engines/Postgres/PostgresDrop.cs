using Npgsql;
using SidecarAgent.Broker.Engines.Accounts;

namespace SidecarAgent.Broker.Engines.Postgres;

/// <summary>
/// Takes a login role away, with all that it has open and all that it owns in the configured database:
/// <list type="number">
/// <item>no new logins, committed, so that none slips in after the next step;</item>
/// <item>its sessions are ended;</item>
/// <item>a session that began logging in before step 1 and came up during step 2 is ended, what the role owns is removed
/// or given away, its rights end, and it goes: in one transaction.</item>
/// </list>
/// Done again after a crash between any two steps, it finishes the rest.
/// </summary>
internal sealed class PostgresDrop(NpgsqlDataSource pool, RoleStatements? role)
{
    public async Task RunAsync(AccountName name, CancellationToken cancellationToken)
    {
        await using var session = await pool.OpenConnectionAsync(cancellationToken);
        if (await PostgresSessions.RoleIdAsync(session, name, cancellationToken) is not { } id)
            return;

        var account = PostgresGrammar.Identifier(name.Value);
        await using (var batch = session.CreateBatch())
        {
            // An error barrier after each: every step is a transaction of its own, and all are one round trip.
            batch.EnableErrorBarriers = true;
            batch.BatchCommands.Add(new NpgsqlBatchCommand($"ALTER ROLE {account} NOLOGIN"));
            batch.BatchCommands.Add(PostgresSessions.Join(name));
            batch.BatchCommands.Add(PostgresSessions.End(id));
            await batch.ExecuteNonQueryAsync(cancellationToken);
        }

        await using (var batch = session.CreateBatch())
        {
            batch.BatchCommands.Add(PostgresSessions.End(id));
            foreach (var statement in Removal(name, account))
                batch.BatchCommands.Add(new NpgsqlBatchCommand(statement));
            await batch.ExecuteNonQueryAsync(cancellationToken);
        }

        if (await PostgresSessions.RoleIdAsync(session, name, cancellationToken) is not null)
            throw new AccountServerRefusedException($"The 'drop' statements of the role {role?.Role} leave the account {name} there.");
    }

    private IEnumerable<string> Removal(AccountName name, string account)
    {
        if (role is { Drop.Count: > 0 })
            return role.Drop.Select(statement => statement.Render(name, "", ""));
        var drop = $"DROP OWNED BY {account}";
        var gone = $"DROP ROLE {account}";
        return role?.ReassignTo is { } heir
            ? [$"REASSIGN OWNED BY {account} TO {PostgresGrammar.Identifier(heir)}", drop, gone]
            : [drop, gone];
    }
}
