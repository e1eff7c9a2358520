using Npgsql;
using SidecarAgent.Broker.Engines.Accounts;
using SidecarAgent.Broker.Engines.Postgres;
using SidecarAgent.Broker.Tests.Storage;
using SidecarAgent.Testing.Servers;

namespace SidecarAgent.Broker.Tests.Engines;

/// <summary>One PostgreSQL for all tests of a collection.</summary>
public sealed class PostgresFixture : IAsyncLifetime
{
    public PostgresServer Server { get; private set; } = null!;

    internal AccountConnection Connection => new()
    {
        Host = "localhost",
        Port = Server.Port,
        Database = "postgres",
        User = PostgresServer.Admin,
        PasswordFile = Server.PasswordFile,
        CaFile = Server.CaFile,
    };

    public async Task InitializeAsync() => Server = await PostgresServer.StartAsync();

    public Task DisposeAsync() => Server.DisposeAsync().AsTask();

    /// <summary>A database of its own for a broker.</summary>
    public PostgresTestStore Store() => new(this);

    internal PostgresAccounts Accounts(params RoleStatements[] roles) => new(Connection, roles);

    internal static RoleStatements Role(string name, string[] create, string[]? drop = null, string? reassignTo = null) =>
        RoleStatements.Parse(
            PostgresGrammar.Statements, name, create, drop ?? [], reassignTo,
            (list, problem) => Assert.Fail($"{list}: {problem}"));

    /// <summary>What an operator would do on the server.</summary>
    public async Task<object?> AskAsync(string sql, string database = "postgres")
    {
        await using var source = PostgresConnections.Pool(Connection with { Connections = 1, Database = database });
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }

    /// <summary>What an application does.</summary>
    internal Task<NpgsqlConnection> LogInAsync(
        AccountName name, string password, ChannelBinding binding = ChannelBinding.Prefer) =>
        ConnectAsync("postgres", name.Value, password, binding);

    /// <summary>A session of an operator's own.</summary>
    public Task<NpgsqlConnection> ConnectAsync(string database) =>
        ConnectAsync(database, PostgresServer.Admin, File.ReadAllText(Server.PasswordFile));

    private async Task<NpgsqlConnection> ConnectAsync(
        string database, string user, string password, ChannelBinding binding = ChannelBinding.Prefer)
    {
        var settings = new NpgsqlConnectionStringBuilder
        {
            Host = "localhost",
            Port = Server.Port,
            Database = database,
            Username = user,
            Password = password,
            Pooling = false,
            SslMode = SslMode.VerifyFull,
            RootCertificate = Server.CaFile,
            ChannelBinding = binding,
        };
        var connection = new NpgsqlConnection(settings.ConnectionString);
        await connection.OpenAsync();
        return connection;
    }
}

[CollectionDefinition(nameof(PostgresFixture))]
public sealed class PostgresTests : ICollectionFixture<PostgresFixture>;
