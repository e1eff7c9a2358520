using System.Diagnostics;
using Microsoft.Data.Sqlite;

namespace SidecarAgent.BrokerHost;

/// <summary>Kills this process when it comes to a step for the given time.</summary>
internal sealed class Doom(Step step, int time)
{
    private int _left = time;

    public void At(Step here)
    {
        if (here == step && Interlocked.Decrement(ref _left) == 0)
            Process.GetCurrentProcess().Kill();
    }

    /// <summary>Steps that are seen in the database only.</summary>
    public async Task WatchAsync(string database)
    {
        var source = new SqliteConnectionStringBuilder { DataSource = database, Mode = SqliteOpenMode.ReadOnly };
        await using var connection = new SqliteConnection(source.ToString());
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT COUNT(*) FROM credential WHERE state = 2";
        for (var most = 0L; ;)
        {
            var live = (long)(await command.ExecuteScalarAsync())!;
            for (var seen = most; seen < live; seen++)
                At(Step.Live);
            most = Math.Max(most, live);
            if (most > 0 && await IsEmptyAsync(connection))
                At(Step.Forgotten);
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System);
        }
    }

    private static async Task<bool> IsEmptyAsync(SqliteConnection connection)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT COUNT(*) FROM credential";
        return (long)(await command.ExecuteScalarAsync())! == 0;
    }
}
