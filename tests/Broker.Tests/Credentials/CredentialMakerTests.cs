using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using SidecarAgent.Broker.Configuration;
using SidecarAgent.Broker.Credentials;
using SidecarAgent.Broker.Crypto;
using SidecarAgent.Broker.Engines;
using SidecarAgent.Broker.Leases;
using SidecarAgent.Broker.Secrets;
using SidecarAgent.Broker.Storage;
using SidecarAgent.Broker.Tests.Leases;
using SidecarAgent.Testing;

namespace SidecarAgent.Broker.Tests.Credentials;

public sealed class CredentialMakerTests
{
    private readonly FakeTimeProvider _clock = new(Some.Noon);

    [Fact]
    public async Task What_takes_long_to_seal_is_in_doubt_from_when_it_is_made_and_not_from_when_it_was_written_down()
    {
        using var directory = TempDirectory.Create();
        await using var database = await OpenAsync(directory);
        var made = new TaskCompletionSource();
        await using var accounts = FakeAccounts.Create();
        accounts.Hold = made.Task;
        await using var server = Server(accounts);
        using var slow = new KeyThatIsSlow(() => _clock.Advance(TimeSpan.FromSeconds(20)));
        await using var maker = await MakerAsync(database, server, slow);
        var lease = Lease();

        var making = maker.MakeAsync(maker.Name(new Answer.Make(lease, After: 0)), default);
        await Waiting.UntilAsync(() => accounts.Calls > 0);
        var doubt = (await FindAsync(database, lease))!.InDoubtUntil;
        Assert.Equal([lease.Id], maker.UnderWay);
        made.SetResult();
        await making;

        Assert.Equal(_clock.GetUtcNow() + 3 * server.Timeout, doubt);
        Assert.Equal(CredentialState.Live, (await FindAsync(database, lease))!.State);
        Assert.Empty(maker.UnderWay);
    }

    [Fact]
    public async Task What_cannot_be_sealed_is_not_made_outside_and_leaves_only_what_is_to_be_dropped()
    {
        using var directory = TempDirectory.Create();
        await using var database = await OpenAsync(directory);
        await using var accounts = FakeAccounts.Create();
        await using var server = Server(accounts);
        using var gone = new KeyThatIsGone();
        await using var maker = await MakerAsync(database, server, gone);
        var lease = Lease();

        var notMade = await maker.MakeAsync(maker.Name(new Answer.Make(lease, After: 0)), default);

        Assert.Contains("the HSM is gone", notMade.Message, StringComparison.Ordinal);
        Assert.True(notMade.RetryAfter > TimeSpan.Zero);
        Assert.Equal(0, accounts.Calls);
        Assert.Equal(CredentialState.Revoking, (await FindAsync(database, lease))!.State);
        Assert.Empty(await database.ReadAsync(s => LeaseTable.AllAsync(s, Some.Noon, default), default));
    }

    [Fact]
    public async Task Of_many_certificates_that_are_asked_for_at_once_few_are_made_at_a_time()
    {
        using var directory = TempDirectory.Create();
        await using var database = await OpenAsync(directory);
        var made = new TaskCompletionSource();
        await using var authority = new FakeAuthority { HoldIssue = made.Task };
        await using var server = Server(authority);
        using var key = new FileKeyWrapper(new byte[32]);
        await using var maker = await MakerAsync(database, server, key);
        var path = SecretPath.Parse("database/issue/orders");
        var leases = Enumerable.Range(0, 5).Select(i => Lease() with { Id = $"lease-{i}", Path = path, Workload = Some.Pod($"uid-{i}") }).ToList();

        var making = leases.Select(lease => maker.MakeAsync(maker.Name(new Answer.Make(lease, After: 0)), default)).ToList();
        foreach (var lease in leases)
            await Waiting.UntilAsync(async () => await FindAsync(database, lease) is not null);
        made.SetResult();
        await Task.WhenAll(making);

        Assert.Equal((leases.Count, 1), (authority.Issued, authority.MostAtOnce));
    }

    private static Lease Lease() => Some.Lease(version: 0) with { Path = SecretPath.Parse(DynamicBroker.Path) };

    private static Task<Database> OpenAsync(TempDirectory directory) => Database.OpenAsync(
        new StorageOptions.Sqlite(directory.File("broker.db")), TimeProvider.System, NullLogger.Instance, default);

    private static Task<Credential?> FindAsync(Database database, Lease lease) =>
        database.ReadAsync(s => CredentialTable.FindAsync(s, lease.Id, default), default);

    private OutsideServer Server(FakeAccounts accounts) => new(
        "database",
        new DynamicOptions
        {
            Roles = new Dictionary<string, RoleOptions> { ["orders"] = new(null, null) },
            Timeout = TimeSpan.FromSeconds(10),
            Concurrency = 1,
        },
        accounts, _clock, NullLogger.Instance);

    private async Task<CredentialMaker> MakerAsync(Database database, OutsideServer server, IKeyWrapper key) => new(
        new Mounts(new Dictionary<string, ISecretEngine> { ["database"] = new DynamicEngine(server) }), database,
        await CutOffs.LoadAsync(database, default), new FieldSealer(key), LimitOptions.Default, _clock,
        NullLogger<CredentialMaker>.Instance);

    private sealed class KeyThatIsSlow(Action wait) : IKeyWrapper
    {
        private readonly FileKeyWrapper _key = new(new byte[32]);

        public string? KeyId => _key.KeyId;

        public bool Knows(string keyId) => _key.Knows(keyId);

        public bool TryUnwrap(WrappedKey wrapped, Span<byte> key) => _key.TryUnwrap(wrapped, key);

        public ValueTask<WrappedKey> WrapAsync(ReadOnlyMemory<byte> key, CancellationToken cancellationToken)
        {
            wait();
            return _key.WrapAsync(key, cancellationToken);
        }

        public ValueTask UnwrapAsync(WrappedKey wrapped, Memory<byte> key, CancellationToken cancellationToken) =>
            _key.UnwrapAsync(wrapped, key, cancellationToken);

        public ValueTask CheckAsync(CancellationToken cancellationToken) => _key.CheckAsync(cancellationToken);

        public void Dispose() => _key.Dispose();
    }

    private sealed class KeyThatIsGone : IKeyWrapper
    {
        public string? KeyId => null;

        public bool Knows(string keyId) => false;

        public bool TryUnwrap(WrappedKey wrapped, Span<byte> key) => false;

        public ValueTask<WrappedKey> WrapAsync(ReadOnlyMemory<byte> key, CancellationToken cancellationToken) => throw Gone();

        public ValueTask UnwrapAsync(WrappedKey wrapped, Memory<byte> key, CancellationToken cancellationToken) => throw Gone();

        public ValueTask CheckAsync(CancellationToken cancellationToken) => throw Gone();

        public void Dispose()
        {
        }

        private static KeyUnavailableException Gone() => new("the HSM is gone");
    }
}
