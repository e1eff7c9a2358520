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
    public async Task What_cannot_be_sealed_is_not_made_outside_and_leaves_only_what_is_to_be_dropped()
    {
        using var directory = TempDirectory.Create();
        await using var database = await Database.OpenAsync(new StorageOptions.Sqlite(directory.File("broker.db")), TimeProvider.System, NullLogger.Instance, default);
        await using var accounts = FakeAccounts.Create();
        var options = new DynamicOptions
        {
            Roles = new Dictionary<string, RoleOptions> { ["orders"] = new(null, null) },
            Timeout = TimeSpan.FromSeconds(10),
            Concurrency = 1,
        };
        await using var server = new OutsideServer("database", options, accounts, _clock, NullLogger.Instance);
        var mounts = new Mounts(new Dictionary<string, ISecretEngine> { ["database"] = new DynamicEngine(server) });
        using var gone = new KeyThatIsGone();
        await using var maker = new CredentialMaker(
            mounts, database, await CutOffs.LoadAsync(database, default), new FieldSealer(gone), LimitOptions.Default, _clock,
            NullLogger<CredentialMaker>.Instance);
        var lease = Some.Lease(version: 0) with { Path = SecretPath.Parse("database/creds/orders") };

        var notMade = await maker.MakeAsync(maker.Name(new Answer.Make(lease, After: 0)), default);

        Assert.Contains("the HSM is gone", notMade.Message, StringComparison.Ordinal);
        Assert.True(notMade.RetryAfter > TimeSpan.Zero);
        Assert.Equal(0, accounts.Calls);
        var left = await database.ReadAsync(s => CredentialTable.FindAsync(s, lease.Id, default), default);
        Assert.Equal(CredentialState.Revoking, left!.State);
        Assert.Empty(await database.ReadAsync(s => LeaseTable.AllAsync(s, Some.Noon, default), default));
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
