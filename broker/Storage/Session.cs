using System.Data;
using System.Data.Common;

namespace SidecarAgent.Broker.Storage;

/// <summary>
/// One connection with its prepared statements, used by one caller at a time. The tables take it as their first
/// argument, so that what belongs together can be done in one transaction.
/// </summary>
internal sealed class Session : IAsyncDisposable
{
    private readonly Dictionary<string, DbCommand> _commands = new(StringComparer.Ordinal);
    private readonly DbConnection _connection;

    /// <param name="connection">Open; the session's own from here on.</param>
    /// <param name="dialect">Of its database.</param>
    public Session(DbConnection connection, SqlDialect dialect)
    {
        _connection = connection;
        Dialect = dialect;
    }

    public SqlDialect Dialect { get; }

    /// <summary>Its connection has ended by itself. Whatever is asked of it fails.</summary>
    public bool IsLost => _connection.State != ConnectionState.Open;

    /// <summary>Keeps what is read in this transaction; null: it is none that only reads.</summary>
    public CacheFill? Fill { get; set; }

    /// <summary>What the work under way has changed of what is kept in memory.</summary>
    public List<CacheChange> Changes { get; } = [];

    public static async Task<Session> OpenAsync(
        DbDataSource source, SqlDialect dialect, CancellationToken cancellationToken)
    {
        var session = new Session(await source.OpenConnectionAsync(cancellationToken), dialect);
        foreach (var sql in dialect.Prepare)
            await session.Statement(sql).ExecuteAsync(cancellationToken);
        return session;
    }

    /// <summary>
    /// The statement for this SQL, prepared once in a session's life. The SQL is a constant of the program; whatever
    /// comes from outside is a parameter.
    /// </summary>
    public Statement Statement(string sql)
    {
        if (!_commands.TryGetValue(sql, out var command))
        {
            command = _connection.CreateCommand();
#pragma warning disable CA2100 // Every caller passes a constant, see above.
            command.CommandText = sql;
#pragma warning restore CA2100
            _commands.Add(sql, command);
        }

        return new Statement(command);
    }

    public Task ExecuteAsync(string sql, CancellationToken cancellationToken) =>
        Statement(sql).ExecuteAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        foreach (var command in _commands.Values)
            await command.DisposeAsync();
        await _connection.DisposeAsync();
    }
}
