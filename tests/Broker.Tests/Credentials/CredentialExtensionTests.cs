using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using SidecarAgent.Broker.Configuration;
using SidecarAgent.Broker.Credentials;
using SidecarAgent.Broker.Engines;
using SidecarAgent.Broker.Engines.Accounts;
using SidecarAgent.Broker.Leases;
using SidecarAgent.Broker.Secrets;
using SidecarAgent.Broker.Storage;
using SidecarAgent.Broker.Tests.Leases;
using SidecarAgent.Testing;

namespace SidecarAgent.Broker.Tests.Credentials;

public sealed class CredentialExtensionTests
{
    private readonly FakeTimeProvider _clock = new(Some.Noon);
    private readonly FakeAccounts _accounts = FakeAccounts.Create();

    /// <summary>Two containers of one pod: one renews by the hour, the other asks for as long as it may have it.</summary>
    [Fact]
    public async Task Of_two_extensions_at_once_the_server_keeps_the_later()
    {
        using var directory = TempDirectory.Create();
        await using var database = await Database.OpenAsync(
            new StorageOptions.Sqlite(directory.File("broker.db")), TimeProvider.System, NullLogger.Instance, default);
        await using var server = new OutsideServer(
            "database",
            new DynamicOptions
            {
                Roles = new Dictionary<string, RoleOptions> { ["orders"] = new(null, null) },
                Timeout = TimeSpan.FromSeconds(10),
                Concurrency = 8,
            },
            _accounts, _clock, NullLogger.Instance);
        var mounts = new Mounts(new Dictionary<string, ISecretEngine> { ["database"] = new DynamicEngine(server) });
        var extension = new CredentialExtension(mounts, database, _clock, NullLogger<CredentialExtension>.Instance);
        var lease = await LeaseAsync(database);
        var (shorter, longer) = (lease with { ExpiresAt = Some.Noon.AddHours(2) }, lease with { ExpiresAt = Some.Noon.AddHours(12) });
        var slow = new TaskCompletionSource();
        _accounts.HoldExtension = until => until < longer.ExpiresAt ? slow.Task : Task.CompletedTask;

        var first = extension.CoverAsync(shorter, default);
        await Waiting.UntilAsync(() => _accounts.Calls > 1);
        var second = extension.CoverAsync(longer, default);
        // Time enough for the second to overtake the first, if it may.
        for (var i = 0; i < 20 && !second.IsCompleted; i++)
            await FindAsync(database, lease);
        slow.SetResult();
        var covered = new[] { await first, await second };

        Assert.Equal([shorter, longer], covered);
        Assert.Equal(CredentialRule.ValidUntil(longer.ExpiresAt), _accounts.All.Values.Single().ValidUntil);
        Assert.Equal(CredentialRule.ValidUntil(longer.ExpiresAt), (await FindAsync(database, lease))!.ValidUntil);
    }

    private async Task<Lease> LeaseAsync(Database database)
    {
        var lease = Some.Lease() with { Path = SecretPath.Parse(DynamicBroker.Path) };
        var until = CredentialRule.ValidUntil(lease.ExpiresAt);
        var account = AccountName.Generate("orders", 63);
        using var password = AccountPassword.Generate();
        await _accounts.CreateAsync(new NewAccount(account, password, until, "orders"), default);
        var credential = new Credential
        {
            Id = lease.Id,
            Workload = lease.Workload,
            Path = lease.Path,
            Version = lease.Version,
            Role = "orders",
            Account = account,
            State = CredentialState.Creating,
            CreatedAt = Some.Noon,
            InDoubtUntil = Some.Noon,
        };
        await database.WriteAsync(
            async session =>
            {
                await CredentialTable.AddAsync(session, credential, default);
                return await CredentialTable.BeginAsync(session, lease.Id, until, default);
            },
            default);
        return lease;
    }

    private static Task<Credential?> FindAsync(Database database, Lease lease) =>
        database.ReadAsync(s => CredentialTable.FindAsync(s, lease.Id, default), default);
}
