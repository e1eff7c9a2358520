namespace SidecarAgent.Broker.Tests.Credentials;

/// <summary>What stands in a broker's database, seen beside it.</summary>
internal static class BrokerTables
{
    /// <returns>The number of rows.</returns>
    public static async Task<long> CountAsync(RunningBroker broker, string table) =>
        (long)(await broker.Store.AskAsync($"SELECT COUNT(*) FROM {table}"))!;

    /// <summary>What a crash at another moment would have left.</summary>
    public static Task ChangeAsync(RunningBroker broker, string sql) => broker.Store.AskAsync(sql);
}
