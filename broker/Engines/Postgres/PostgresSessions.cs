using System.Globalization;
using Npgsql;
using SidecarAgent.Broker.Engines.Accounts;

namespace SidecarAgent.Broker.Engines.Postgres;

/// <summary>Ends what login roles have open.</summary>
internal static class PostgresSessions
{
    /// <summary>How long the server waits for one session to end, in milliseconds.</summary>
    private const int SessionEnd = 5000;

    /// <summary>Ends the sessions of a role that stays. Quiet where there is no such role.</summary>
    public static async Task EndAsync(NpgsqlDataSource pool, AccountName name, CancellationToken cancellationToken)
    {
        await using var session = await pool.OpenConnectionAsync(cancellationToken);
        if (await RoleIdAsync(session, name, cancellationToken) is not { } id)
            return;
        await using var batch = session.CreateBatch();
        batch.EnableErrorBarriers = true;
        batch.BatchCommands.Add(Join(name));
        batch.BatchCommands.Add(End(id));
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Whoever is no superuser may end sessions and remove objects only of roles that it belongs to.</summary>
    public static NpgsqlBatchCommand Join(AccountName name) =>
        new($"GRANT {PostgresGrammar.Identifier(name.Value)} TO CURRENT_USER");

    public static NpgsqlBatchCommand End(uint id) => new(string.Create(
        CultureInfo.InvariantCulture,
        $"SELECT pg_terminate_backend(pid, {SessionEnd}) FROM pg_stat_activity WHERE usesysid = {id}"));

    /// <returns>Null: there is no such role.</returns>
    public static async Task<uint?> RoleIdAsync(
        NpgsqlConnection session, AccountName name, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT oid FROM pg_roles WHERE rolname = $1", session);
        command.Parameters.Add(new NpgsqlParameter { Value = name.Value });
        return (uint?)await command.ExecuteScalarAsync(cancellationToken);
    }
}
