using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using SidecarAgent.Broker.Configuration;
using SidecarAgent.Broker.Storage;
using SidecarAgent.Testing;

namespace SidecarAgent.Broker.Tests.Storage;

public sealed class DatabaseTests : IDisposable
{
    private readonly TempDirectory _directory = TempDirectory.Create();

    private string DatabaseFile => _directory.File("broker.db");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_new_database_is_readable_by_its_owner_only()
    {
        await using var database = await OpenAsync(DatabaseFile);

        Assert.All(
            Directory.GetFiles(_directory.FullName),
            file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file)));
    }

    [Fact]
    public async Task Commits_are_flushed_to_disk()
    {
        await using var database = await OpenAsync(DatabaseFile);

        var synchronous = await database.WriteAsync(
            s => s.Statement("SELECT synchronous FROM pragma_synchronous").NumberAsync(CancellationToken.None), CancellationToken.None);
        var mode = await database.ReadAsync(
            s => s.Statement("PRAGMA journal_mode").FirstAsync(row => row.GetString(0), CancellationToken.None), CancellationToken.None);

        Assert.Equal(2, synchronous);
        Assert.Equal("wal", mode);
    }

    [Fact]
    public async Task A_second_broker_is_kept_off_the_same_database()
    {
        await using var database = await OpenAsync(DatabaseFile);

        var failure = await Assert.ThrowsAsync<CannotStartException>(
            () => OpenAsync(DatabaseFile));

        Assert.Contains("in use by another broker", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_can_be_opened_again_after_it_was_closed()
    {
        await (await OpenAsync(DatabaseFile)).DisposeAsync();
        await using var again = await OpenAsync(DatabaseFile);

        Assert.Equal(Schema.Newest, await again.ReadAsync(
            s => s.Statement("SELECT version FROM schema_version").NumberAsync(CancellationToken.None), CancellationToken.None));
    }

    [Fact]
    public async Task A_database_of_a_newer_broker_is_refused_with_advice()
    {
        await (await OpenAsync(DatabaseFile)).DisposeAsync();
        Execute("UPDATE schema_version SET version = 99");

        var failure = await Assert.ThrowsAsync<CannotStartException>(
            () => OpenAsync(DatabaseFile));

        Assert.Contains("newer broker", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_of_another_program_is_refused()
    {
        Execute("CREATE TABLE cats (name TEXT)");

        var failure = await Assert.ThrowsAsync<CannotStartException>(
            () => OpenAsync(DatabaseFile));

        Assert.Contains("another program", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_refused_and_left_as_it_is()
    {
        var text = string.Concat(Enumerable.Repeat("This is not a database. ", 100));
        _directory.Write("broker.db", text);

        var failure = await Assert.ThrowsAsync<CannotStartException>(
            () => OpenAsync(DatabaseFile));

        Assert.Contains("restore it from a backup", failure.Message, StringComparison.Ordinal);
        Assert.Equal(text, File.ReadAllText(DatabaseFile));
    }

    [Fact]
    public async Task A_broken_database_is_refused_with_advice()
    {
        await (await OpenAsync(DatabaseFile)).DisposeAsync();
        var bytes = File.ReadAllBytes(DatabaseFile);
        Array.Fill(bytes, (byte)0xAA, 4096, bytes.Length - 4096);
        File.WriteAllBytes(DatabaseFile, bytes);

        var failure = await Assert.ThrowsAsync<CannotStartException>(
            () => OpenAsync(DatabaseFile));

        Assert.Contains("restore it from a backup", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_directory_is_named()
    {
        var failure = await Assert.ThrowsAsync<CannotStartException>(
            () => OpenAsync(_directory.File("no/such/broker.db")));

        Assert.Contains("does not exist", failure.Message, StringComparison.Ordinal);
    }

    private static Task<Database> OpenAsync(string file) => Database.OpenAsync(
        new StorageOptions.Sqlite(file), TimeProvider.System, NullLogger.Instance, CancellationToken.None);

    private void Execute(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={DatabaseFile};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
