using System.Text;
using Grpc.Core;
using SidecarAgent.V1;

namespace SidecarAgent.Broker.Tests.Api;

/// <summary>Versions that are deleted, brought back, destroyed and pruned.</summary>
public sealed class VersionCallTests : IAsyncLifetime
{
    private const string Path = "kv/shop/db";

    private RunningBroker _broker = null!;

    public async Task InitializeAsync()
    {
        _broker = await RunningBroker.StartAsync(configuration: "mounts: [ { path: kv, engine: kv, maxVersions: 4 } ]");
        await PutAsync("one");
        await PutAsync("two");
    }

    public async Task DisposeAsync() => await _broker.DisposeAsync();

    [Fact]
    public async Task A_deleted_version_is_neither_activated_nor_shown_until_it_is_undeleted()
    {
        await DeleteAsync(1);

        Assert.Equal("VERSION_DELETED", await FailsAsync(() => ActivateAsync(1)));
        Assert.Equal("VERSION_DELETED", await FailsAsync(() => RevealAsync(1)));
        await _broker.Admin.UndeleteVersionsAsync(new UndeleteVersionsRequest { Path = Path, Versions = { 1 } });

        Assert.Equal("one", await RevealAsync(1));
        await ActivateAsync(1);
        Assert.Equal("one", (await FetchAsync()).Issued.Text());
    }

    [Fact]
    public async Task What_is_served_is_not_deleted_by_a_slip_of_the_pen()
    {
        Assert.Equal("VERSION_IN_USE", await FailsAsync(() => DeleteAsync(1, 2)));

        Assert.All((await VersionsAsync()), version => Assert.Null(version.DeletedAt));
        Assert.Equal("two", (await FetchAsync()).Issued.Text());
    }

    [Fact]
    public async Task Withdrawing_what_is_served_takes_it_from_who_holds_it_and_tells_who_asks_later()
    {
        using var watch = _broker.Client().Watch(Requests.Watch(Path));
        var held = (await watch.NextUpdateAsync()).Issued;
        var away = _broker.Client(_broker.Issuer.Token(pod: "orders-1"));
        var lease = (await away.FetchAsync(Requests.Fetch(Path))).Updates.Single().Issued.Lease.Id;

        var response = await _broker.Admin.DeleteVersionsAsync(new DeleteVersionsRequest { Path = Path, Active = true });

        Assert.Equal((2U, true), (response.LeasesEnded, response.Withdrawn));
        Assert.Equal([2UL], response.Versions);
        Assert.Equal("an operator has deleted kv/shop/db", (await watch.NextUpdateAsync()).Revoked.Message);
        var back = (await away.FetchAsync(Requests.Fetch(Requests.Secret(Path, lease, 2)))).Updates.Single();
        Assert.Equal(SecretUpdate.OutcomeOneofCase.Revoked, back.OutcomeCase);
        Assert.Equal(Denied.Types.Reason.NotFound, (await FetchAsync()).Denied.Reason);
        Assert.Equal("an operator has deleted kv/shop/db", (await FetchAsync()).Denied.Message);
        Assert.NotNull((await _broker.Client().RenewAsync(new RenewRequest { LeaseIds = { held.Lease.Id } })).Renewals.Single().Ended);
        Assert.Empty((await _broker.Admin.ListHoldersAsync(new ListHoldersRequest { Path = Path })).Holders);
    }

    [Fact]
    public async Task A_secret_that_was_withdrawn_is_served_again_when_a_version_is_activated_or_put()
    {
        using var watch = _broker.Client().Watch(Requests.Watch(Path));
        await watch.NextUpdateAsync();
        await _broker.Admin.DeleteVersionsAsync(new DeleteVersionsRequest { Path = Path, Active = true });
        await watch.NextUpdateAsync();

        await ActivateAsync(1);
        Assert.Equal("one", (await watch.NextUpdateAsync()).Issued.Text());
        await _broker.Admin.DeleteVersionsAsync(new DeleteVersionsRequest { Path = Path, Active = true });
        await watch.NextUpdateAsync();
        await PutAsync("three");

        Assert.Equal((3UL, "three"), await IssuedAsync(watch));
    }

    [Fact]
    public async Task A_withdrawal_outlives_a_restart()
    {
        await _broker.Admin.DeleteVersionsAsync(new DeleteVersionsRequest { Path = Path, Active = true });
        await _broker.RestartAsync();

        Assert.Equal("an operator has deleted kv/shop/db", (await FetchAsync()).Denied.Message);
    }

    [Fact]
    public async Task Who_holds_an_older_version_that_is_deleted_is_given_the_active_one()
    {
        await ActivateAsync(1);
        var client = _broker.Client();
        var old = (await client.FetchAsync(Requests.Fetch(Path))).Updates.Single().Issued;
        await ActivateAsync(2);

        var response = await _broker.Admin.DeleteVersionsAsync(new DeleteVersionsRequest { Path = Path, Versions = { 1 } });

        Assert.Equal((1U, false), (response.LeasesEnded, response.Withdrawn));
        var update = (await client.FetchAsync(Requests.Fetch(Requests.Secret(Path, old.Lease.Id, 1)))).Updates.Single();
        Assert.Equal("two", update.Issued.Text());
    }

    [Fact]
    public async Task A_destroyed_version_leaves_its_number_and_nothing_else()
    {
        await _broker.Admin.DestroyVersionsAsync(new DestroyVersionsRequest { Path = Path, Versions = { 1 } });

        var version = (await VersionsAsync())[^1];
        Assert.Equal((1UL, 0), (version.Version, version.Fields.Count));
        Assert.NotNull(version.DestroyedAt);
        Assert.Equal("VERSION_DELETED", await FailsAsync(() => RevealAsync(1)));
        Assert.Equal("VERSION_DELETED", await FailsAsync(() => ActivateAsync(1)));
        Assert.Equal("VERSION_DELETED", await FailsAsync(async () =>
            await _broker.Admin.UndeleteVersionsAsync(new UndeleteVersionsRequest { Path = Path, Versions = { 1 } })));
        var trace = await _broker.Admin.TraceVersionAsync(new TraceVersionRequest { Path = Path, Version = 1 });
        Assert.False(trace.Stored);
        Assert.Equal(["put", "destroy", "trace"], trace.Events.Select(e => e.Action));
    }

    [Fact]
    public async Task Of_what_is_destroyed_no_byte_is_left_in_the_database_or_its_log()
    {
        // Longer than a page, so that it lies in pages of its own, which are freed.
        await PutAsync(new string('x', 20_000));
        await PutAsync("next");
        var sealedBytes = await StoredAsync(3);
        Assert.Equal(2, sealedBytes.Count);
        Assert.All(sealedBytes, bytes => Assert.True(IsOnDisk(bytes)));

        var response = await _broker.Admin.DestroyVersionsAsync(new DestroyVersionsRequest { Path = Path, Versions = { 3 } });

        Assert.True(response.Erased);
        Assert.All(sealedBytes, bytes => Assert.False(IsOnDisk(bytes)));
        Assert.Equal("next", (await FetchAsync()).Issued.Text());
    }

    [Fact]
    public async Task While_a_rotation_is_under_way_no_version_is_deleted()
    {
        await _broker.Admin.PutSecretAsync(Requests.PutGenerated("kv/shop/gen", "password"));
        await _broker.Client().FetchAsync(Requests.Fetch("kv/shop/gen"));
        await _broker.Admin.RotateSecretAsync(new RotateSecretRequest { Path = "kv/shop/gen" });

        Assert.Equal("VERSION_IN_USE", await FailsAsync(async () =>
            await _broker.Admin.DeleteVersionsAsync(new DeleteVersionsRequest { Path = "kv/shop/gen", Versions = { 1 } })));
    }

    [Fact]
    public async Task More_versions_than_are_kept_are_pruned_the_oldest_first_and_never_what_is_served_or_held()
    {
        await ActivateAsync(1);
        await _broker.Client().FetchAsync(Requests.Fetch(Path));
        await ActivateAsync(2);
        for (var i = 3; i <= 9; i++)
            await PutAsync($"{i}", inactive: true);

        Assert.Equal([9UL, 8, 7, 6, 2, 1], (await VersionsAsync()).Select(version => version.Version));
        Assert.Equal("two", (await FetchAsync()).Issued.Text());
        Assert.Equal("VERSION_NOT_FOUND", await FailsAsync(() => RevealAsync(3)));
    }

    [Theory]
    [InlineData("kv/shop/none", 1UL, "SECRET_NOT_FOUND")]
    [InlineData(Path, 7UL, "VERSION_NOT_FOUND")]
    [InlineData("nowhere/x", 1UL, "REQUEST_INVALID")]
    [InlineData(Path, 0UL, "REQUEST_INVALID")]
    public async Task What_is_not_there_is_not_deleted(string path, ulong version, string reason)
    {
        Assert.Equal(reason, await FailsAsync(async () =>
            await _broker.Admin.DeleteVersionsAsync(new DeleteVersionsRequest { Path = path, Versions = { version } })));
        Assert.Equal(reason, await FailsAsync(async () =>
            await _broker.Admin.DestroyVersionsAsync(new DestroyVersionsRequest { Path = path, Versions = { version } })));
    }

    [Fact]
    public async Task Every_version_and_every_lease_has_an_entry_with_the_operator()
    {
        var lease = (await FetchAsync()).Issued.Lease.Id;
        await _broker.Admin.DeleteVersionsAsync(new DeleteVersionsRequest { Path = Path, Versions = { 1, 2 }, Active = true });

        foreach (var version in (int[])[1, 2])
        {
            Assert.Contains(
                $"\"action\":\"delete\",\"allowed\":true,\"operator\":\"{RunningBroker.LocalOperator}\",\"path\":\"{Path}\",\"version\":{version}",
                _broker.AuditLog, StringComparison.Ordinal);
        }

        Assert.Contains(_broker.AuditLog.Split('\n'), line =>
            line.Contains("\"revoke_leases\"", StringComparison.Ordinal) && line.Contains(lease, StringComparison.Ordinal));
    }

    private async Task PutAsync(string value, bool inactive = false)
    {
        var request = Requests.Put(Path, ("password", value));
        request.Inactive = inactive;
        await _broker.Admin.PutSecretAsync(request);
    }

    private async Task ActivateAsync(ulong version) =>
        await _broker.Admin.ActivateVersionAsync(new ActivateVersionRequest { Path = Path, Version = version });

    private async Task DeleteAsync(params ulong[] versions) =>
        await _broker.Admin.DeleteVersionsAsync(new DeleteVersionsRequest { Path = Path, Versions = { versions } });

    private async Task<string> RevealAsync(ulong version) => Encoding.UTF8.GetString(
        (await _broker.Admin.GetSecretAsync(new GetSecretRequest { Path = Path, Version = version, Reveal = true })).Fields.Single().Value.Span);

    private async Task<SecretUpdate> FetchAsync() => (await _broker.Client().FetchAsync(Requests.Fetch(Path))).Updates.Single();

    private async Task<IReadOnlyList<VersionSummary>> VersionsAsync() =>
        (await _broker.Admin.ListVersionsAsync(new ListVersionsRequest { Path = Path })).Versions;

    private static async Task<(ulong Version, string Text)> IssuedAsync(AsyncServerStreamingCall<WatchResponse> watch)
    {
        var issued = (await watch.NextUpdateAsync()).Issued;
        return (issued.Version, issued.Text());
    }

    private static async Task<string> FailsAsync(Func<Task> call) => (await Assert.ThrowsAsync<RpcException>(call)).Reason();

    /// <summary>Box and wrapped data key of a version, as another reader of the file sees them.</summary>
    private async Task<List<byte[]>> StoredAsync(ulong version)
    {
        await using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={_broker.File("broker.db")};Mode=ReadOnly;Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT box, wrapped_key FROM secret_field WHERE path = $path AND version = $version";
        command.Parameters.AddWithValue("$path", Path);
        command.Parameters.AddWithValue("$version", (long)version);
        await using var row = await command.ExecuteReaderAsync();
        Assert.True(await row.ReadAsync());
        // The end of the box: a long one lies in several pages.
        return [((byte[])row.GetValue(0))[^64..], (byte[])row.GetValue(1)];
    }

    private bool IsOnDisk(byte[] bytes) => ((string[])["broker.db", "broker.db-wal"]).Select(_broker.File).Where(File.Exists).Any(file =>
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        return content.AsSpan().IndexOf(bytes) >= 0;
    });
}
