using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using SidecarAgent.Broker.Crypto;
using SidecarAgent.Broker.Engines;
using SidecarAgent.Broker.Secrets;
using SidecarAgent.Broker.Storage;
using SidecarAgent.Broker.Tests.Storage;

namespace SidecarAgent.Broker.Tests.Engines;

public abstract class KeyValueEngineTests(TestStore store) : IAsyncLifetime
{
    private static readonly SecretPath Path = SecretPath.Parse("kv/a");

    private readonly FakeTimeProvider _clock = new();
    private Database _database = null!;
    private KeyValueEngine _engine = null!;

    public async Task InitializeAsync()
    {
        _database = await store.OpenAsync();
        var sealer = new FieldSealer(new FileKeyWrapper(RandomNumberGenerator.GetBytes(32)));
        _engine = new KeyValueEngine(_database, sealer, new HashSet<string> { "kv" }, _clock);
    }

    public async Task DisposeAsync()
    {
        await _database.DisposeAsync();
        await store.DisposeAsync();
    }

    [Fact]
    public async Task Of_two_versions_prepared_at_once_the_second_is_not_stored()
    {
        var one = await PrepareAsync("one");
        var two = await PrepareAsync("two");

        Assert.True(await _engine.StoreAsync(one, activate: true));
        Assert.False(await _engine.StoreAsync(two, activate: true));

        Assert.Equal("one", await ReadAsync(1));
        Assert.Equal(1UL, (await _engine.HeadAsync(Path, CancellationToken.None)).NewestVersion);
    }

    [Fact]
    public async Task A_version_that_is_not_activated_changes_nothing_that_is_served()
    {
        await _engine.StoreAsync(await PrepareAsync("one"), activate: true);
        _clock.Advance(TimeSpan.FromHours(1));
        await _engine.StoreAsync(await PrepareAsync("two"), activate: false);

        var head = await _engine.HeadAsync(Path, CancellationToken.None);

        Assert.Equal((2UL, 1UL), (head.NewestVersion, head.ActiveVersion));
        Assert.Equal(_clock.GetUtcNow() - TimeSpan.FromHours(1), head.ActivatedAt);
    }

    [Fact]
    public async Task Activating_what_is_active_keeps_the_time_when_it_became_so()
    {
        await _engine.StoreAsync(await PrepareAsync("one"), activate: true);
        var before = (await _engine.HeadAsync(Path, CancellationToken.None)).ActivatedAt;
        _clock.Advance(TimeSpan.FromHours(1));

        Assert.Equal(1UL, await _engine.ActivateAsync(Path, 1));

        Assert.Equal(before, (await _engine.HeadAsync(Path, CancellationToken.None)).ActivatedAt);
    }

    [Fact]
    public async Task A_rotation_starts_from_the_active_version_and_takes_the_next_number()
    {
        var generator = new Generator(20, "ab");
        await StoreAsync(new NewField("g", FieldClass.Secret, null, generator), Plain("k", "one"));
        await StoreAsync(new NewField("g", FieldClass.Secret, null, generator), Plain("k", "two"));
        await _engine.ActivateAsync(Path, 1);

        var rotated = await _engine.PrepareRotationAsync(Path, "me", CancellationToken.None);
        await _engine.StoreAsync(rotated, activate: true);

        Assert.Equal(3UL, rotated.Version);
        Assert.Equal("one", await ReadAsync(3));
        Assert.Equal(generator, rotated.Fields[0].Generator);
        Assert.NotEqual(await ReadAsync(1, "g"), await ReadAsync(3, "g"));
    }

    [Fact]
    public async Task A_rotation_makes_both_keys_of_a_pair_anew()
    {
        var generator = Generator.Of(GeneratorKind.EcdsaP256, 0, "", []);
        var rules = Generator.Of(GeneratorKind.Text, 20, "ab12", [new AtLeast(2, "12"), new AtLeast(1, "a")]);
        await StoreAsync(new NewField("key", FieldClass.Secret, null, generator), new NewField("z", FieldClass.Secret, null, rules));

        await _engine.StoreAsync(await _engine.PrepareRotationAsync(Path, "me", CancellationToken.None), activate: true);

        var rotated = await _engine.VersionAsync(Path, 2, CancellationToken.None);
        Assert.Equal(["key", "key.pub", "z"], rotated.Fields.Select(field => field.Name));
        Assert.Equal([generator, null, rules], rotated.Fields.Select(field => field.Generator));
        Assert.Equal(FieldClass.Identifier, rotated.Fields[1].Class);
        Assert.NotEqual(await ReadAsync(1, "key.pub"), await ReadAsync(2, "key.pub"));
        using var key = ECDsa.Create();
        key.ImportFromPem(await ReadAsync(2, "key"));
        Assert.Equal(key.ExportSubjectPublicKeyInfoPem() + "\n", await ReadAsync(2, "key.pub"));
    }

    [Fact]
    public async Task A_record_that_is_moved_to_another_path_in_the_database_cannot_be_opened()
    {
        await _engine.StoreAsync(await PrepareAsync("one"), activate: true);
        string[] moves =
        [
            "INSERT INTO secret SELECT 'kv/b', newest_version, active_version, activated_at, NULL FROM secret",
            "INSERT INTO secret_version SELECT 'kv/b', version, created_at, created_by, NULL, NULL FROM secret_version",
            """
            INSERT INTO secret_field SELECT 'kv/b', version, name, class, generator_length, generator_alphabet,
                key_id, wrapped_key, box, generator_kind, generator_rules FROM secret_field
            """,
        ];
        foreach (var sql in moves)
            await _database.WriteAsync(s => s.Statement(sql).ExecuteAsync(CancellationToken.None), CancellationToken.None);
        var sealer = new FieldSealer(new FileKeyWrapper(RandomNumberGenerator.GetBytes(32)));
        var engine = new KeyValueEngine(_database, sealer, new HashSet<string> { "kv" }, _clock);

        var moved = await engine.VersionAsync(SecretPath.Parse("kv/b"), 1, CancellationToken.None);

        await Assert.ThrowsAnyAsync<CryptographicException>(() => _engine.OpenAsync(moved, _ => true, CancellationToken.None));
    }

    [Fact]
    public async Task Nothing_is_put_below_a_mount_that_does_not_exist()
    {
        var failure = await Assert.ThrowsAsync<RequestFailedException>(
            () => _engine.PreparePutAsync(SecretPath.Parse("vk/a"), [Plain("k", "v")], null, "me", CancellationToken.None));

        Assert.Equal(ErrorReason.RequestInvalid, failure.Reason);
        Assert.Contains("kv", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Versions_are_deleted_brought_back_and_destroyed_all_of_them_or_none()
    {
        foreach (var value in (string[])["one", "two", "three"])
            await StoreAsync(Plain("k", value));

        await Assert.ThrowsAsync<RequestFailedException>(() => _engine.DeleteAsync(Path, [1, 9], destroy: false, active: false));
        Assert.Equal("one", await ReadAsync(1));
        await _engine.DeleteAsync(Path, [1, 2], destroy: false, active: false);
        await Assert.ThrowsAsync<RequestFailedException>(() => ReadAsync(1));
        await _engine.UndeleteAsync(Path, [1]);
        Assert.Equal("one", await ReadAsync(1));
        await _engine.DeleteAsync(Path, [2], destroy: true, active: false);

        var versions = await _engine.VersionsAsync(Path, CancellationToken.None);
        Assert.Equal([1, 0, 1], versions.Select(version => version.Fields.Count));
        await Assert.ThrowsAsync<RequestFailedException>(() => _engine.ActivateAsync(Path, 2));
    }

    [Fact]
    public async Task What_is_served_is_withdrawn_and_comes_back_with_the_next_version()
    {
        await StoreAsync(Plain("k", "one"));

        var (_, withdrawn, _) = await _engine.DeleteAsync(Path, [1], destroy: false, active: true);

        Assert.True(withdrawn);
        var head = await _engine.HeadAsync(Path, CancellationToken.None);
        Assert.Equal((0UL, _clock.GetUtcNow()), (head.ActiveVersion, head.WithdrawnAt));
        await StoreAsync(Plain("k", "two"));
        Assert.Null((await _engine.HeadAsync(Path, CancellationToken.None)).WithdrawnAt);
    }

    [Fact]
    public async Task Beyond_what_is_kept_the_oldest_versions_go_and_the_active_one_stays()
    {
        var sealer = new FieldSealer(new FileKeyWrapper(RandomNumberGenerator.GetBytes(32)));
        _engine = new KeyValueEngine(_database, sealer, new HashSet<string> { "kv" }, _clock)
        {
            MaxVersions = new Dictionary<string, int> { ["kv"] = 2 },
        };
        await StoreAsync(Plain("k", "one"));
        for (var i = 2; i <= 5; i++)
            await _engine.StoreAsync(await PrepareAsync($"{i}"), activate: false);

        Assert.Equal([5UL, 4, 1], (await _engine.VersionsAsync(Path, CancellationToken.None)).Select(version => version.Version));
    }

    private Task<SecretVersion> PrepareAsync(string value) =>
        _engine.PreparePutAsync(Path, [Plain("k", value)], null, "me", CancellationToken.None);

    private async Task StoreAsync(params NewField[] fields) => Assert.True(
        await _engine.StoreAsync(await _engine.PreparePutAsync(Path, fields, null, "me", CancellationToken.None), activate: true));

    private async Task<string> ReadAsync(ulong number, string name = "k")
    {
        var version = await _engine.VersionAsync(Path, number, CancellationToken.None);
        var fields = await _engine.OpenAsync(version, field => field.Name == name, CancellationToken.None);
        using var field = fields.Single(field => field.Value is not null);
        return Encoding.UTF8.GetString(field.Value!.Span);
    }

    private static NewField Plain(string name, string value) =>
        new(name, FieldClass.Secret, SecretBytes.CopyOf(Encoding.UTF8.GetBytes(value)), null);
}

public sealed class SqliteKeyValueEngineTests() : KeyValueEngineTests(new SqliteTestStore());

[Collection(nameof(PostgresFixture))]
public sealed class PostgresKeyValueEngineTests(PostgresFixture server) : KeyValueEngineTests(new PostgresTestStore(server));
