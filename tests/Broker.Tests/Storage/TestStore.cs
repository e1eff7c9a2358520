using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SidecarAgent.Broker.Configuration;
using SidecarAgent.Broker.Storage;
using SidecarAgent.Broker.Tests.Engines;
using SidecarAgent.Testing;
using SidecarAgent.Testing.Servers;

namespace SidecarAgent.Broker.Tests.Storage;

/// <summary>A database of one test's own. What is said of tables is said of all that they can live in.</summary>
public abstract class TestStore : IAsyncDisposable
{
    internal abstract StorageOptions Options { get; }

    /// <summary>As <c>broker.yaml</c> names it.</summary>
    public abstract string Yaml { get; }

    internal async Task<Database> OpenAsync(TimeProvider? clock = null, ILogger? logger = null)
    {
        await CreateAsync();
        return await Database.OpenAsync(Options, clock ?? TimeProvider.System, logger ?? NullLogger.Instance, CancellationToken.None);
    }

    /// <summary>Makes the empty database, where a broker does not make it itself; once.</summary>
    public virtual Task CreateAsync() => Task.CompletedTask;

    /// <summary>What stands in it, seen beside the broker; or what a crash at another moment would have left.</summary>
    public abstract Task<object?> AskAsync(string sql);

    public abstract ValueTask DisposeAsync();
}

/// <summary>A file.</summary>
public sealed class SqliteTestStore : TestStore
{
    private readonly TempDirectory? _directory;
    private readonly string _file;

    /// <summary>In a directory of its own.</summary>
    public SqliteTestStore()
    {
        _directory = TempDirectory.Create();
        _file = _directory.File("broker.db");
    }

    /// <param name="file">In a directory that somebody else removes.</param>
    public SqliteTestStore(string file) => _file = file;

    public override string Yaml => $"{{ sqlite: {_file} }}";

    internal override StorageOptions Options => new StorageOptions.Sqlite(_file);

    public override async Task<object?> AskAsync(string sql)
    {
        var source = new SqliteConnectionStringBuilder { DataSource = _file, Pooling = false };
        await using var connection = new SqliteConnection(source.ToString());
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Written by tests.
        command.CommandText = sql;
#pragma warning restore CA2100
        return await command.ExecuteScalarAsync();
    }

    public override ValueTask DisposeAsync()
    {
        _directory?.Dispose();
        return ValueTask.CompletedTask;
    }
}

/// <summary>A database on the server of the tests.</summary>
public sealed class PostgresTestStore(PostgresFixture server) : TestStore
{
    private bool _isCreated;

    /// <summary>The server's, or that of something between.</summary>
    public int Port { get; set; } = server.Server.Port;

    public string Name { get; } = string.Create(CultureInfo.InvariantCulture, $"broker_{Guid.NewGuid():N}");

    public override string Yaml =>
        $"{{ postgres: {{ host: localhost, port: {Port}, database: {Name}, user: {PostgresServer.Admin}, "
        + $"passwordFile: {server.Server.PasswordFile}, caFile: {server.Server.CaFile} }} }}";

    internal override StorageOptions Options => Connection;

    internal StorageOptions.Postgres Connection => new()
    {
        Host = "localhost",
        Port = Port,
        Database = Name,
        User = PostgresServer.Admin,
        PasswordFile = server.Server.PasswordFile,
        CaFile = server.Server.CaFile,
    };

    public override Task<object?> AskAsync(string sql) => server.AskAsync(sql, Name);

    public override async Task CreateAsync()
    {
        if (_isCreated)
            return;
        _isCreated = true;
        await server.AskAsync($"CREATE DATABASE {Name} TEMPLATE template0 ENCODING 'UTF8'");
    }

    public override async ValueTask DisposeAsync()
    {
        if (_isCreated)
            await server.AskAsync($"DROP DATABASE {Name} WITH (FORCE)");
    }
}
