using System.Diagnostics;
using SidecarAgent.Broker.Configuration;
using SidecarAgent.Broker.Tests.Engines;
using SidecarAgent.Testing.Servers;
using SidecarAgent.V1;

namespace SidecarAgent.Broker.Tests.Storage;

/// <summary>The commands that the broker and its documentation name for a database on a server.</summary>
[Collection(nameof(PostgresFixture))]
public sealed class PostgresDumpTests(PostgresFixture postgres) : IAsyncLifetime
{
    private readonly PostgresTestStore _store = postgres.Store();
    private readonly PostgresTestStore _other = postgres.Store();
    private RunningBroker _broker = null!;

    public async Task InitializeAsync() => _broker = await RunningBroker.StartAsync(store: _store);

    public async Task DisposeAsync()
    {
        await _broker.DisposeAsync();
        await _store.DisposeAsync();
        await _other.DisposeAsync();
    }

    [Fact]
    public async Task A_dump_of_a_broker_that_runs_is_restored_into_another_database_and_known_for_a_copy()
    {
        await _broker.Admin.PutSecretAsync(Requests.Put("kv/shop/db", ("password", "one")));
        await _broker.Client().FetchAsync(Requests.Fetch("kv/shop/db"));
        var dump = _broker.File("broker.dump");
        var command = BackupCommand.DumpCommand(_store.Connection, dump);
        await DoAsync(command);
        await _other.CreateAsync();
        await DoAsync($"pg_restore --no-owner --exit-on-error --dbname=\"host=localhost port={postgres.Server.Port} "
            + $"user={PostgresServer.Admin} dbname={_other.Name} sslmode=verify-full sslrootcert={postgres.Server.CaFile}\" {dump}");

        await using var restored = await RunningBroker.StartAsync(key: $"{{ file: {_broker.File("kek")} }}", store: _other);

        Assert.Equal("one", (await restored.Client().FetchAsync(Requests.Fetch("kv/shop/db"))).Updates.Single().Issued.Text());
        Assert.Single((await restored.Admin.ListLeasesAsync(new ListLeasesRequest())).Leases);
        Assert.Contains("the database is from a dump, or moved to another server", restored.AuditLog, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_backup_command_names_the_command_and_makes_nothing()
    {
        using var process = BrokerProcess.Start("backup", "--config", _broker.File("broker.yaml"), "--to", _broker.File("copy"));
        var errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();

        Assert.Equal(2, process.ExitCode);
        Assert.Contains(BackupCommand.DumpCommand(_store.Connection, _broker.File("copy")), errors, StringComparison.Ordinal);
        Assert.False(File.Exists(_broker.File("copy")));
    }

    [Fact]
    public void The_command_says_what_the_configuration_says() => Assert.Equal(
        "pg_dump --format=custom --no-owner --dbname=\"host=/run/postgresql port=5432 user=u dbname=b sslmode=disable\"",
        BackupCommand.DumpCommand(
            new StorageOptions.Postgres { Host = "/run/postgresql", Database = "b", User = "u", Tls = PostgresTls.Disable }, "-"));

    private async Task DoAsync(string command)
    {
        var start = new ProcessStartInfo("/bin/sh", ["-c", Path.Combine(postgres.Server.Programs, command)]) { RedirectStandardError = true };
        start.Environment["PGPASSWORD"] = (await File.ReadAllTextAsync(postgres.Server.PasswordFile)).TrimEnd();
        using var process = Process.Start(start)!;
        var errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, errors);
    }
}
