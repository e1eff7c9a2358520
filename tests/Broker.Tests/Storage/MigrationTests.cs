using Microsoft.Extensions.Logging.Abstractions;
using SidecarAgent.Broker.Leases;
using SidecarAgent.Broker.Secrets;
using SidecarAgent.Broker.Storage;
using SidecarAgent.Broker.Tests.Engines;

namespace SidecarAgent.Broker.Tests.Storage;

/// <summary>The tables of every earlier broker become those of this one, with what is in them.</summary>
public abstract class MigrationTests(TestStore store) : IAsyncLifetime
{
    public static TheoryData<int> Earlier => [.. Enumerable.Range(1, Schema.Newest - 1)];

    public Task InitializeAsync() => store.CreateAsync();

    public Task DisposeAsync() => store.DisposeAsync().AsTask();

    [Theory]
    [MemberData(nameof(Earlier))]
    public async Task What_an_earlier_broker_has_stored_is_there_after_the_upgrade(int version)
    {
        var path = SecretPath.Parse("kv/shop/db");
        await MakeAsync(version);
        foreach (var sql in Rows)
            await store.AskAsync(sql);

        await using var database = await store.OpenAsync();
        var (head, stored, leases) = await database.ReadAsync(
            async session => (
                await SecretTable.HeadAsync(session, path, default),
                await SecretTable.VersionAsync(session, path, 1, default),
                await LeaseTable.OfSecretAsync(session, path, DateTimeOffset.UnixEpoch, default)),
            default);
        var cutOffs = await CutOffs.LoadAsync(database, default);

        Assert.Equal((1UL, null), (head!.ActiveVersion, head.WithdrawnAt));
        Assert.Equal(("somebody", null, null), (stored!.CreatedBy, stored.DeletedAt, stored.DestroyedAt));
        Assert.Equal("shop/orders", Assert.Single(leases).Workload.Name);
        Assert.Equal("stolen", Assert.Single(cutOffs.Current).Reason);
        Assert.Equal((long)Schema.Newest, Convert.ToInt64(await store.AskAsync("SELECT version FROM schema_version"), null));
    }

    [Fact]
    public async Task A_step_that_fails_leaves_nothing_behind_and_can_be_taken_again()
    {
        // The second table of the third step is in the way; its first one has been made by then.
        await MakeAsync(2);
        await store.AskAsync("CREATE TABLE rotation_schedule (in_the_way INTEGER)");

        var refused = await Assert.ThrowsAsync<CannotStartException>(() => store.OpenAsync());
        var version = Convert.ToInt64(await store.AskAsync("SELECT version FROM schema_version"), null);
        await store.AskAsync("DROP TABLE rotation_schedule");
        await using var database = await store.OpenAsync();

        Assert.Contains("rotation_schedule", refused.Message, StringComparison.Ordinal);
        Assert.Equal(2, version);
        Assert.Empty(await database.ReadAsync(s => RotationTable.OpenPathsAsync(s, default), default));
    }

    private static IEnumerable<string> Rows =>
    [
        "INSERT INTO secret (path, newest_version, active_version, activated_at) VALUES ('kv/shop/db', 1, 1, 5)",
        "INSERT INTO secret_version (path, version, created_at, created_by) VALUES ('kv/shop/db', 1, 5, 'somebody')",
        """
        INSERT INTO lease (id, holder, path, version, fields, issuer, namespace, service_account, issued_at, expires_at, max_expires_at, outcome)
        VALUES ('a', 'h', 'kv/shop/db', 1, 'password', 'i', 'shop', 'orders', 5, 4000000000000000, 4000000000000000, 0)
        """,
        "INSERT INTO cut_off (id, kind, target, reason, since, made_by) VALUES ('c', 3, 'node1', 'stolen', 5, 'local')",
    ];

    /// <summary>The database as the broker left it whose schema had this number.</summary>
    private async Task MakeAsync(int version)
    {
        await using var kind = store.Options.Store(NullLogger.Instance);
        await store.AskAsync("CREATE TABLE schema_version (version INTEGER NOT NULL)");
        await store.AskAsync($"INSERT INTO schema_version (version) VALUES ({version})");
        foreach (var sql in Schema.Steps(kind.Dialect).Take(version).SelectMany(step => step))
            await store.AskAsync(sql);
    }
}

public sealed class SqliteMigrationTests() : MigrationTests(new SqliteTestStore());

[Collection(nameof(PostgresFixture))]
public sealed class PostgresMigrationTests(PostgresFixture server) : MigrationTests(new PostgresTestStore(server));
