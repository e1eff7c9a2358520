using System.Security.Cryptography;
using System.Text.Json;
using SidecarAgent.Broker.Storage;
using SidecarAgent.Testing;
using SidecarAgent.V1;

namespace SidecarAgent.Broker.Tests.Storage;

public sealed class BackupTests : IAsyncLifetime
{
    private readonly TempDirectory _directory = TempDirectory.Create();
    private RunningBroker _broker = null!;

    public async Task InitializeAsync() => _broker = await RunningBroker.StartAsync();

    public async Task DisposeAsync()
    {
        await _broker.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task What_was_confirmed_before_a_backup_is_read_from_it_by_another_broker_whatever_was_written_meanwhile()
    {
        for (var i = 0; i < 50; i++)
            await _broker.Admin.PutSecretAsync(Requests.Put($"kv/shop/{i:000}", ("password", $"value-{i}")));
        var held = (await _broker.Client().FetchAsync(Requests.Fetch("kv/shop/000"))).Updates.Single().Issued;
        using var enough = new CancellationTokenSource();
        var load = Task.WhenAll(Enumerable.Range(0, 4).Select(writer => WriteUntilAsync(writer, enough.Token)));

        var backup = await RunAsync("backup", "--config", _broker.File("broker.yaml"), "--to", _directory.File("copy.db"));
        await enough.CancelAsync();
        await load;

        Assert.Equal((0, ""), (backup.Code, backup.Output));
        Assert.Contains("1 leases, 0 accounts outside, 0 cut-offs", backup.Errors, StringComparison.Ordinal);
        Assert.Contains("keep them, elsewhere (file:", backup.Errors, StringComparison.Ordinal);
        Assert.Equal([_directory.File("copy.db")], Directory.GetFiles(_directory.FullName));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_directory.File("copy.db")));

        await using var restored = await RestoreAsync();
        for (var i = 0; i < 50; i++)
            Assert.Equal($"value-{i}", await FetchAsync(restored, $"kv/shop/{i:000}"));
        var all = (await restored.Admin.ListSecretsAsync(new ListSecretsRequest())).Secrets;
        foreach (var secret in all.Where(secret => secret.Path.StartsWith("kv/shop/load", StringComparison.Ordinal)))
            Assert.Equal($"{secret.Path} {secret.ActiveVersion}", await FetchAsync(restored, secret.Path));
        Assert.Single((await restored.Admin.ListLeasesAsync(new ListLeasesRequest())).Leases, lease => lease.Id == held.Lease.Id);
    }

    [Fact]
    public async Task That_a_database_was_restored_is_on_record_once()
    {
        await RunAsync("backup", "--config", _broker.File("broker.yaml"), "--to", _directory.File("copy.db"));
        await using var restored = await RestoreAsync();
        await restored.RestartAsync();

        var records = restored.AuditLog.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonDocument.Parse(line).RootElement)
            .Where(entry => entry.GetProperty("action").GetString() == "restored").ToList();
        Assert.StartsWith("the database is from the backup of 20", Assert.Single(records).GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain("\"restored\"", _broker.AuditLog, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_can_be_streamed_and_leaves_nothing_beside_the_database()
    {
        await _broker.Admin.PutSecretAsync(Requests.Put("kv/shop/db", ("password", "one")));
        var before = Directory.GetFiles(_directory.FullName);
        using var process = BrokerProcess.Start("backup", "--config", _broker.File("broker.yaml"), "--to", "-");
        var errors = process.StandardError.ReadToEndAsync();
        await using (var copy = File.Create(_directory.File("copy.db")))
            await process.StandardOutput.BaseStream.CopyToAsync(copy);
        await process.WaitForExitAsync();

        Assert.Equal(0, process.ExitCode);
        Assert.StartsWith("standard output: 1 secrets, 1 versions", await errors, StringComparison.Ordinal);
        Assert.DoesNotContain(Directory.GetFiles(Path.GetDirectoryName(_broker.File("broker.db"))!), file => file.Contains("partial", StringComparison.Ordinal));
        Assert.Empty(before);
        await using var restored = await RestoreAsync();
        Assert.Equal("one", await FetchAsync(restored, "kv/shop/db"));
    }

    [Fact]
    public async Task A_file_that_is_there_is_never_written_over()
    {
        _directory.Write("copy.db", "precious");

        var backup = await RunAsync("backup", "--config", _broker.File("broker.yaml"), "--to", _directory.File("copy.db"));

        Assert.Equal(1, backup.Code);
        Assert.Contains("exists already; nothing was written", backup.Errors, StringComparison.Ordinal);
        Assert.Equal("precious", File.ReadAllText(_directory.File("copy.db")));
    }

    [Fact]
    public async Task A_directory_that_is_not_there_is_told_of()
    {
        var backup = await RunAsync("backup", "--config", _broker.File("broker.yaml"), "--to", _directory.File("none/copy.db"));

        Assert.Equal((1, 1), (backup.Code, backup.Errors.Count(c => c == '\n')));
        Assert.Contains(_directory.File("none"), backup.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_database_gives_no_backup()
    {
        await _broker.Admin.PutSecretAsync(Requests.Put("kv/shop/db", ("password", new string('x', 60_000))));
        await _broker.StopAsync();
        var bytes = File.ReadAllBytes(_broker.File("broker.db"));
        Array.Fill(bytes, (byte)0xAA, bytes.Length / 2, bytes.Length / 4);
        File.WriteAllBytes(_directory.File("broken.db"), bytes);

        var failure = await Assert.ThrowsAsync<CannotStartException>(() => SqliteBackup.WriteAsync(
            _directory.File("broken.db"), _directory.File("copy.db"), DateTimeOffset.UnixEpoch, default));

        Assert.Contains("No backup was made", failure.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(_directory.File("copy.db")));
        await _broker.StartServerAsync();
    }

    [Fact]
    public async Task A_backup_that_was_cut_short_is_refused_with_advice()
    {
        await RunAsync("backup", "--config", _broker.File("broker.yaml"), "--to", _directory.File("copy.db"));
        using (var file = File.OpenWrite(_directory.File("copy.db")))
            file.SetLength(file.Length / 2);

        var failure = await Assert.ThrowsAsync<CannotStartException>(() => new SqliteTestStore(_directory.File("copy.db")).OpenAsync());

        Assert.Contains("restore it from a backup", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_of_another_program_is_not_backed_up()
    {
        await new SqliteTestStore(_directory.File("other.db")).AskAsync("CREATE TABLE cats (name TEXT)");

        var failure = await Assert.ThrowsAsync<CannotStartException>(() => SqliteBackup.WriteAsync(
            _directory.File("other.db"), _directory.File("copy.db"), DateTimeOffset.UnixEpoch, default));

        Assert.Contains("not of this version of the broker (schema none", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_deleted_is_not_in_it()
    {
        var trace = RandomNumberGenerator.GetHexString(64);
        await using (var database = await new SqliteTestStore(_directory.File("broker.db")).OpenAsync())
        {
            await database.WriteAsync(s => s.Statement("CREATE TABLE t (x TEXT)").ExecuteAsync(default), default);
            await database.WriteAsync(s => s.Statement("INSERT INTO t VALUES (@x)").With("x", trace).ExecuteAsync(default), default);
            await database.WriteAsync(s => s.Statement("DELETE FROM t").ExecuteAsync(default), default);
            await SqliteBackup.WriteAsync(_directory.File("broker.db"), _directory.File("copy.db"), DateTimeOffset.UnixEpoch, default);
        }

        Assert.DoesNotContain(trace, File.ReadAllText(_directory.File("copy.db"), System.Text.Encoding.Latin1), StringComparison.Ordinal);
    }

    private async Task WriteUntilAsync(int writer, CancellationToken enough)
    {
        var path = $"kv/shop/load{writer}";
        for (var version = 1; !enough.IsCancellationRequested; version++)
            await _broker.Admin.PutSecretAsync(Requests.Put(path, ("password", $"{path} {version}")), cancellationToken: CancellationToken.None);
    }

    /// <summary>As on another machine: the copy and the key, and nothing else.</summary>
    private async Task<RunningBroker> RestoreAsync()
    {
        File.Copy(_broker.File("kek"), _directory.File("kek"));
        return await RunningBroker.StartAsync(
            key: $"{{ file: {_directory.File("kek")} }}", store: new SqliteTestStore(_directory.File("copy.db")));
    }

    private static async Task<string> FetchAsync(RunningBroker broker, string path) =>
        (await broker.Client().FetchAsync(Requests.Fetch(path))).Updates.Single().Issued.Text();

    private static async Task<(int Code, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        using var process = BrokerProcess.Start(arguments);
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await errors);
    }
}
