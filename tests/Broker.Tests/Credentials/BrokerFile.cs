using Microsoft.Data.Sqlite;

namespace SidecarAgent.Broker.Tests.Credentials;

/// <summary>What stands in a broker's database, seen beside it.</summary>
internal static class BrokerFile
{
    /// <returns>The number of rows.</returns>
    public static async Task<long> CountAsync(RunningBroker broker, string table) =>
        (long)(await AskAsync(broker, $"SELECT COUNT(*) FROM {table}"))!;

    /// <summary>What a crash at another moment would have left.</summary>
    public static Task ChangeAsync(RunningBroker broker, string sql) => AskAsync(broker, sql);

    private static async Task<object?> AskAsync(RunningBroker broker, string sql)
    {
        var source = new SqliteConnectionStringBuilder { DataSource = broker.File("broker.db"), Pooling = false };
        await using var connection = new SqliteConnection(source.ToString());
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Written by tests.
        command.CommandText = sql;
#pragma warning restore CA2100
        return await command.ExecuteScalarAsync();
    }
}
