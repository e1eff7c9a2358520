using Microsoft.Extensions.Time.Testing;
using SidecarAgent.Broker.Crypto;
using SidecarAgent.Broker.Engines;
using SidecarAgent.Broker.Identity;
using SidecarAgent.Broker.Leases;
using SidecarAgent.Broker.Secrets;
using SidecarAgent.Broker.Storage;
using SidecarAgent.Broker.Tests.Engines;
using SidecarAgent.Broker.Tests.Leases;

namespace SidecarAgent.Broker.Tests.Storage;

/// <summary>What is answered without a query is what a query would answer.</summary>
public abstract class SecretCacheTests(TestStore store) : IAsyncLifetime, IDisposable
{
    private readonly FakeTimeProvider _clock = new(Some.Noon);
    private Database _database = null!;
    private LeaseBook _leases = null!;

    public async Task InitializeAsync()
    {
        _database = await store.OpenAsync();
        var sealer = new FieldSealer(new FileKeyWrapper(new byte[32]));
        var engine = new KeyValueEngine(_database, sealer, new HashSet<string> { "kv" }, _clock);
        _leases = new LeaseBook(
            _database, await CutOffs.LoadAsync(_database, default),
            new Mounts(new Dictionary<string, ISecretEngine> { ["kv"] = engine }), _clock);
        await WriteAsync(async s => await AddVersionAsync(s, 1) && await ActivateAsync(s, 1));
    }

    public async Task DisposeAsync()
    {
        await _database.DisposeAsync();
        await store.DisposeAsync();
    }

    public void Dispose()
    {
        _leases.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task What_was_read_once_is_answered_without_a_query()
    {
        await ReadAsync();
        // Behind its back, as nothing in the broker does.
        await WriteAsync(async s => await s.Statement("DELETE FROM secret_field").ExecuteAsync(default) > 0);

        Assert.Equal("1/1 f1 -", await ReadAsync());
    }

    [Fact]
    public async Task After_any_change_it_says_what_the_database_says_or_nothing()
    {
        var dice = new Dice(20301);
        var answered = 0;
        for (var i = 0; i < 1_500; i++)
        {
            await WriteAsync(s => ChangeAsync(s, dice));
            foreach (var pod in Enumerable.Range(0, 3).Select(Pod))
            {
                if (Known(pod) is not { } known)
                    continue;
                answered++;
                Assert.Equal(await QueryAsync(pod), known);
            }

            if (dice.Roll(3) == 0)
                await ReadAsync(Pod(dice.Roll(3)));
            _clock.Advance(TimeSpan.FromTicks(dice.Roll(1_000_000_000)));
        }

        // It was not always silent.
        Assert.True(answered > 500, $"only {answered} answers came from memory");
    }

    [Fact]
    public async Task Work_that_fails_changes_nothing_that_is_known()
    {
        await ReadAsync();

        await Assert.ThrowsAsync<InvalidOperationException>(() => WriteAsync(async s =>
        {
            await LeaseTable.AddAsync(s, Some.Lease("never"), null, _clock.GetUtcNow(), default);
            throw new InvalidOperationException();
        }));

        Assert.Equal("1/1 f1 -", Known(Some.Orders));
        Assert.Equal("1/1 f1 -", await QueryAsync(Some.Orders));
    }

    [Fact]
    public async Task A_read_keeps_nothing_that_was_changed_since_it_began()
    {
        var secret = await SecretAsync();
        using var early = _database.Cache.BeginFill();
        await WriteAsync(async s => await AddVersionAsync(s, 2) && await ActivateAsync(s, 2)
            && await LeaseTable.AddAsync(s, Some.Lease(version: 2), null, Some.Noon, default));
        early.Keep(secret, Some.Orders.Holder, []);

        Assert.Null(Known(Some.Orders));
        Assert.Equal((0, 0), _database.Cache.Count);
        Assert.Equal("2/2 f2 lease", await ReadAsync());
    }

    [Fact]
    public async Task A_read_keeps_what_others_have_not_changed()
    {
        var secret = await SecretAsync();
        using (var early = _database.Cache.BeginFill())
        {
            await WriteAsync(s => LeaseTable.AddAsync(
                s, Some.Lease() with { Workload = Pod(2) }, null, Some.Noon, default));
            early.Keep(secret, Some.Orders.Holder, []);
        }

        Assert.Equal("1/1 f1 -", Known(Some.Orders));
    }

    [Fact]
    public async Task A_lease_is_held_only_with_just_that_end_and_those_fields_and_while_it_lives()
    {
        var lease = Some.Lease();
        await ReadAsync();
        await WriteAsync(s => LeaseTable.AddAsync(s, lease, null, Some.Noon, default));

        Assert.True(_database.Cache.Holds(lease, Some.Noon));
        Assert.False(_database.Cache.Holds(lease with { ExpiresAt = lease.ExpiresAt.AddMinutes(1) }, Some.Noon));
        Assert.False(_database.Cache.Holds(lease with { Fields = ["user"] }, Some.Noon));
        Assert.False(_database.Cache.Holds(lease with { Id = "another" }, Some.Noon));
        Assert.False(_database.Cache.Holds(lease, lease.ExpiresAt));
        await WriteAsync(s => LeaseTable.RemoveAsync(s, lease, Some.Noon, default));
        Assert.False(_database.Cache.Holds(lease, Some.Noon));
    }

    [Fact]
    public async Task Of_two_renewals_at_once_the_one_that_promised_more_holds()
    {
        var (shorter, longer) = (Some.Lease(hours: 2), Some.Lease(hours: 12));
        await WriteAsync(s => LeaseTable.AddAsync(s, Some.Lease(), null, Some.Noon, default));
        await ReadAsync();

        await WriteAsync(s => LeaseTable.UpdateAsync(s, longer, Some.Noon, default));
        await WriteAsync(s => LeaseTable.UpdateAsync(s, shorter, Some.Noon, default));

        Assert.True(_database.Cache.Holds(longer, Some.Noon));
        var stored = await _database.ReadAsync(s => LeaseTable.FindAsync(s, longer.Id, Some.Noon, default), default);
        Assert.Equal(longer.ExpiresAt, stored!.ExpiresAt);
    }

    [Fact]
    public async Task A_data_key_that_was_wrapped_anew_is_the_one_that_is_known()
    {
        await ReadAsync();
        Assert.Equal("key", WrappedBy());

        var table = WrappedKeyTable.All.Single(table => table.Name == "secret_field");
        var row = (await _database.ReadAsync(s => table.ListAsync(s, "key", null, 10, default), default)).Single();
        await WriteAsync(s => table.ReplaceAsync(s, row, new WrappedKey("next", new byte[60]), default));
        Assert.Null(WrappedBy());
        await ReadAsync();

        Assert.Equal("next", WrappedBy());
    }

    [Fact]
    public async Task Memory_stays_within_its_bounds_however_many_ask()
    {
        var cache = new SecretCache(secretBytes: 100_000, leaseBytes: 100_000);
        var secret = await SecretAsync();
        using var fill = cache.BeginFill();
        for (var i = 0; i < 5_000; i++)
        {
            var path = SecretPath.Parse($"kv/shop/{i}");
            fill.Keep(
                new StoredSecret(secret.Head with { Path = path }, secret.Active with { Path = path }), $"pod-{i}", [Some.Lease()]);
        }

        Assert.InRange(cache.Count.Secrets, 10, 200);
        Assert.InRange(cache.Count.Held, 10, 200);
    }

    private string? WrappedBy() => _database.Cache.FindVersion(Some.Db, 1)?.Fields.Single().Sealed.Key.KeyId;

    private static Workload Pod(int number) => Some.Pod($"uid-{number}", $"orders-{number}");

    private Task<bool> WriteAsync(Func<Session, Task<bool>> work) => _database.WriteAsync(work, default);

    /// <summary>One of all the changes that the broker makes.</summary>
    private async Task<bool> ChangeAsync(Session session, Dice dice)
    {
        var now = _clock.GetUtcNow();
        var head = (await SecretTable.HeadAsync(session, Some.Db, default))!;
        var pod = Pod(dice.Roll(3));
        var held = await LeaseTable.OfHolderAsync(session, pod.Holder, Some.Db, now, default);
        var one = held.Count > 0 ? held[dice.Roll(held.Count)] : null;
        switch (dice.Roll(8))
        {
            case 0:
                return await AddVersionAsync(session, head.NewestVersion + 1);
            case 1:
                return await ActivateAsync(session, 1 + (ulong)dice.Roll((int)head.NewestVersion));
            case 2 or 3:
                var same = held.Find(lease => lease.Version == head.ActiveVersion);
                var fresh = Some.Lease($"lease-{dice.Roll(int.MaxValue)}", head.ActiveVersion) with
                {
                    Workload = pod,
                    IssuedAt = now,
                    ExpiresAt = now.AddTicks(dice.Roll(int.MaxValue) * 16L),
                };
                return await LeaseTable.AddAsync(session, fresh, dice.Roll(2) == 0 ? same?.Id : null, now, default);
            case 4 when one is not null:
                var longer = one with { ExpiresAt = one.ExpiresAt.AddTicks(dice.Roll(100_000_000) - 20_000_000), Fields = [$"f{dice.Roll(3)}"] };
                return await LeaseTable.UpdateAsync(session, longer, now, default);
            case 5 when one is not null:
                await LeaseTable.AcknowledgeAsync(session, one, new Verdict(VerdictOutcome.Applied, now, null), default);
                return true;
            case 6 when one is not null:
                return await LeaseTable.RemoveAsync(session, one, now, default);
            case 7:
                await LeaseTable.RemoveOthersAsync(session, Some.Db, head.ActiveVersion, default);
                return true;
            default:
                return false;
        }
    }

    private static Task<bool> AddVersionAsync(Session session, ulong number)
    {
        var box = new SealedField(new WrappedKey("key", new byte[60]), new byte[40]);
        var field = new StoredField($"f{number}", FieldClass.Secret, null, box);
        return SecretTable.AddAsync(session, new SecretVersion(Some.Db, number, Some.Noon, "test", [field]), default);
    }

    private async Task<bool> ActivateAsync(Session session, ulong number)
    {
        await SecretTable.ActivateAsync(session, Some.Db, number, _clock.GetUtcNow(), default);
        return true;
    }

    private Task<StoredSecret> SecretAsync() => _database.ReadAsync(
        async s => new StoredSecret(
            (await SecretTable.HeadAsync(s, Some.Db, default))!, (await SecretTable.VersionAsync(s, Some.Db, 1, default))!),
        default);

    private async Task<string> ReadAsync(Workload? pod = null) =>
        Say((await _leases.ReadAsync((pod ?? Some.Orders).Holder, [Some.Db], default))[0]);

    private string? Known(Workload pod) =>
        _database.Cache.Find(pod.Holder, [Some.Db], _clock.GetUtcNow()) is [var facts] ? Say(facts) : null;

    private Task<string> QueryAsync(Workload pod) => _database.ReadAsync(
        async s =>
        {
            var head = (await SecretTable.HeadAsync(s, Some.Db, default))!;
            var held = await LeaseTable.OfHolderAsync(s, pod.Holder, Some.Db, _clock.GetUtcNow(), default);
            return Say(new Facts(
                head, await SecretTable.FieldNamesAsync(s, Some.Db, head.ActiveVersion, default),
                held.Find(lease => lease.Version == head.ActiveVersion)));
        },
        default);

    private static string Say(Facts facts)
    {
        var head = $"{facts.Head!.ActiveVersion}/{facts.Head.NewestVersion} {string.Join(',', facts.Fields)}";
        return facts.Lease is not { } lease
            ? $"{head} -"
            : lease.Id == "lease"
                ? $"{head} lease"
                : $"{head} {lease.Id} {lease.IssuedAt.Ticks} {lease.ExpiresAt.Ticks} {string.Join(',', lease.Fields)} {lease.Verdict}";
    }

    /// <summary>The same numbers in every run.</summary>
    private sealed class Dice(ulong state)
    {
        /// <returns>0 or more, and less than <paramref name="sides"/>.</returns>
        public int Roll(int sides)
        {
            state = unchecked(state * 6364136223846793005 + 1442695040888963407);
            return (int)((state >> 33) % (ulong)sides);
        }
    }
}

public sealed class SqliteSecretCacheTests() : SecretCacheTests(new SqliteTestStore());

[Collection(nameof(PostgresFixture))]
public sealed class PostgresSecretCacheTests(PostgresFixture server) : SecretCacheTests(new PostgresTestStore(server));
