using System.Data.Common;

namespace SidecarAgent.Broker.Storage;

/// <summary>One prepared statement of a session, with the values for its next run.</summary>
internal sealed class Statement(DbCommand command)
{
    /// <param name="name">As in the SQL, without the <c>@</c>.</param>
    /// <param name="value">A string, number, byte array, time or null.</param>
    public Statement With(string name, object? value)
    {
        var index = IndexOf(name);
        if (index < 0)
        {
            var parameter = command.CreateParameter();
            // SQLite's provider tries every prefix that there is, at each run, for a name without one.
            parameter.ParameterName = "@" + name;
            index = command.Parameters.Add(parameter);
        }

        command.Parameters[index].Value = value switch
        {
            null => DBNull.Value,
            DateTimeOffset time => Columns.ToMicroseconds(time),
            ulong number => checked((long)number),
            Enum constant => Convert.ToInt64(constant, null),
            _ => value,
        };
        return this;
    }

    /// <summary>It may take as long as it takes.</summary>
    public Statement Unhurried()
    {
        command.CommandTimeout = 0;
        return this;
    }

    /// <returns>The number of rows that it changed.</returns>
    public Task<int> ExecuteAsync(CancellationToken cancellationToken) => command.ExecuteNonQueryAsync(cancellationToken);

    public async Task<List<T>> ListAsync<T>(Func<DbDataReader, T> read, CancellationToken cancellationToken)
    {
        var rows = new List<T>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            rows.Add(read(reader));
        return rows;
    }

    /// <returns>The first row, or the type's default if there is none.</returns>
    public async Task<T?> FirstAsync<T>(Func<DbDataReader, T> read, CancellationToken cancellationToken)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? read(reader) : default;
    }

    /// <returns>The number in the first column of the only row.</returns>
    public async Task<long> NumberAsync(CancellationToken cancellationToken) =>
        Convert.ToInt64(await command.ExecuteScalarAsync(cancellationToken), null);

    private int IndexOf(string name)
    {
        for (var i = 0; i < command.Parameters.Count; i++)
        {
            if (command.Parameters[i].ParameterName.AsSpan(1).SequenceEqual(name))
                return i;
        }

        return -1;
    }
}
