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
        var (most, wasThere) = (0L, false);
        while (true)
        {
            var live = await CountAsync(connection, "SELECT COUNT(*) FROM credential WHERE state = 2");
            for (var seen = most; seen < live; seen++)
                At(Step.Live);
            most = Math.Max(most, live);

            // A row stays for seconds while its account is in doubt: it is seen, however seldom this thread runs.
            var all = await CountAsync(connection, "SELECT COUNT(*) FROM credential");
            if (wasThere && all == 0)
                At(Step.Forgotten);
            wasThere |= all > 0;
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System);
        }
    }

    private static async Task<long> CountAsync(SqliteConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Both callers pass a constant.
        command.CommandText = sql;
#pragma warning restore CA2100
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
