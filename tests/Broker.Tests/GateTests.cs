using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;
using SidecarAgent.Broker.Audit;
using SidecarAgent.Broker.Configuration;
using SidecarAgent.Broker.Credentials;
using SidecarAgent.Broker.Crypto;
using SidecarAgent.Broker.Detection;
using SidecarAgent.Broker.Engines;
using SidecarAgent.Broker.Identity;
using SidecarAgent.Broker.Leases;
using SidecarAgent.Broker.Policy;
using SidecarAgent.Broker.Rotation;
using SidecarAgent.Broker.Secrets;
using SidecarAgent.Broker.Storage;
using SidecarAgent.Broker.Telemetry;
using SidecarAgent.Broker.Tests.Audit;
using SidecarAgent.Broker.Tests.Leases;
using SidecarAgent.Broker.Watch;
using SidecarAgent.Testing;

namespace SidecarAgent.Broker.Tests;

/// <summary>What the gate does when the audit log cannot be written: nothing.</summary>
public sealed class GateTests : IAsyncLifetime
{
    private static readonly Operator Local = new("local");

    private readonly TempDirectory _directory = TempDirectory.Create();
    private ServiceProvider _services = null!;
    private Database _database = null!;
    private LeaseBook _leases = null!;
    private AuditLog _audit = null!;
    private Gate _gate = null!;
    private Func<Task> _whileUnwrapping = () => Task.CompletedTask;

    public async Task InitializeAsync()
    {
        var clock = TimeProvider.System;
        _directory.Write(
            "policies/p.yaml",
            "policies: [ { name: p, subjects: [ { namespace: shop, serviceAccount: orders } ], grants: [ { paths: [ kv/shop/* ] } ] } ]");
        KeyFile.Create(_directory.File("kek"));
        _database = await Database.OpenAsync(new StorageOptions.Sqlite(_directory.File("broker.db")), TimeProvider.System, NullLogger.Instance, CancellationToken.None);
        _audit = await AuditLog.OpenAsync(AuditLogs.At(_directory.File("audit.jsonl")), clock, NullLogger<AuditLog>.Instance);
        var sealer = new FieldSealer(new KeyService(FileKeyWrapper.Load(_directory.File("kek")), () => _whileUnwrapping()));
        var engine = new KeyValueEngine(_database, sealer, new HashSet<string> { "kv" }, clock);
        _services = new ServiceCollection()
            .AddMetrics().AddLogging()
            .AddSingleton<IHostApplicationLifetime, ApplicationLifetime>()
            .AddSingleton(clock).AddSingleton(_database).AddSingleton(_audit).AddSingleton(sealer).AddSingleton(engine)
            .AddSingleton(AuditLogs.At(_directory.File("audit.jsonl"))).AddSingleton<AuditHistory>()
            .AddSingleton(new Mounts(new Dictionary<string, ISecretEngine> { ["kv"] = engine }))
            .AddSingleton<IReadOnlyList<RotatedAccounts>>([])
            .AddSingleton((AccountServerFactory)(_ => throw new InvalidOperationException("No mount here has a server.")))
            .AddSingleton<IReadOnlyList<MountOptions>>([]).AddSingleton<OutsideServers>()
            .AddSingleton(await CutOffs.LoadAsync(_database, CancellationToken.None))
            .AddSingleton(new PolicySource(
                _directory.File("policies"), LeaseOptions.Default, clock, NullLogger<PolicySource>.Instance))
            .AddSingleton(LimitOptions.Default).AddSingleton(LeaseOptions.Default)
            .AddSingleton<CredentialMaker>().AddSingleton<CredentialExtension>().AddSingleton<Revocations>()
            .AddSingleton<LeaseBook>().AddSingleton<Watchers>().AddSingleton<BrokerMetrics>()
            .AddSingleton(RotationOptions.Default).AddRotation()
            .AddSingleton(new KeyRing(FileKeys.Load(_directory.File("kek")))).AddSingleton<KeyKeeping>()
            .AddSingleton(DetectionOptions.Default).AddSingleton<DetectionMetrics>()
            .AddSingleton<FirstAccesses>().AddSingleton<Spreads>().AddSingleton<Detector>()
            .AddSingleton<Gate>()
            .BuildServiceProvider();
        _leases = _services.GetRequiredService<LeaseBook>();
        _gate = _services.GetRequiredService<Gate>();
        await PutAsync("one");
    }

    public async Task DisposeAsync()
    {
        await _services.DisposeAsync();
        await _audit.DisposeAsync();
        await _database.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task Without_an_audit_log_no_value_leaves_and_no_lease_begins()
    {
        await _audit.DisposeAsync();

        await Assert.ThrowsAsync<AuditUnavailableException>(AskAsync);

        Assert.Empty(await _leases.OfSecretAsync(Some.Db, CancellationToken.None));
    }

    [Fact]
    public async Task Without_an_audit_log_a_lease_is_neither_renewed_nor_acknowledged_nor_released()
    {
        var lease = Assert.IsType<Outcome.Issued>(await AskAsync()).Lease;
        await _audit.DisposeAsync();

        await Refuses(() => _gate.RenewAsync(Some.Orders, [lease.Id], CancellationToken.None));
        await Refuses(() => _gate.ReleaseAsync(Some.Orders, [lease.Id], CancellationToken.None));
        await Refuses(() => _gate.AcknowledgeAsync(
            Some.Orders, [new NewVerdict(lease.Id, 1, VerdictOutcome.Applied, null)], CancellationToken.None));

        var kept = Assert.Single(await _leases.OfSecretAsync(Some.Db, CancellationToken.None));
        Assert.Null(kept.Verdict);
        Assert.Equal(lease.ExpiresAt, kept.ExpiresAt, TimeSpan.FromMilliseconds(1));
    }

    [Fact]
    public async Task Without_an_audit_log_an_operator_changes_and_sees_nothing()
    {
        await _audit.DisposeAsync();

        await Refuses(() => PutAsync("two"));
        await Refuses(() => _gate.ActivateAsync(Local, Some.Db, 1, CancellationToken.None));
        await Refuses(() => _gate.ShowAsync(Local, Some.Db, 1, reveal: true, CancellationToken.None));
        await Refuses(() => _gate.ListAsync(Local, "", "", 10, CancellationToken.None));
        await Refuses(() => _gate.HoldersAsync(Local, Some.Db, CancellationToken.None));
        await Refuses(() => _gate.RevokeAsync(Local, CutOffKind.All, "", "", CancellationToken.None));
        await Refuses(() => _gate.ListCutOffsAsync(Local, CancellationToken.None));
        await Refuses(() => _gate.ExplainAsync(Local, Some.Orders, Some.Db, [], CancellationToken.None));

        var head = await _database.ReadAsync(
            s => SecretTable.HeadAsync(s, Some.Db, CancellationToken.None), CancellationToken.None);
        Assert.Equal(1UL, head!.NewestVersion);
        Assert.Empty(await _database.ReadAsync(s => CutOffTable.ListAsync(s, CancellationToken.None), CancellationToken.None));
    }

    [Fact]
    public async Task The_same_holder_asking_many_times_at_once_has_one_lease()
    {
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => AskAsync()));

        Assert.Single(outcomes.Cast<Outcome.Issued>().Select(issued => issued.Lease.Id).Distinct());
        Assert.Single(await _leases.OfSecretAsync(Some.Db, CancellationToken.None));
    }

    [Fact]
    public async Task A_value_that_was_being_decrypted_when_its_workload_was_cut_off_does_not_leave()
    {
        var wishes = new[] { "kv/shop/db", "kv/shop/other" }.Select(path => new Wish(SecretPath.Parse(path), [], Standing.Nothing));
        await _gate.PutAsync(Local, SecretPath.Parse("kv/shop/other"), [Field("v")], true, null, CancellationToken.None);
        var unwrapped = 0;
        // The second, when the first is in the clear already.
        _whileUnwrapping = () => ++unwrapped == 2
            ? _gate.RevokeAsync(Local, CutOffKind.Workload, "shop/orders", "", CancellationToken.None)
            : Task.CompletedTask;

        var outcomes = await _gate.AskAsync(Some.Orders, [.. wishes], longest: false, CancellationToken.None);

        Assert.Equal(2, outcomes.Count);
        Assert.All(outcomes, outcome => Assert.Contains(
            "has just ended", Assert.IsType<Outcome.Failed>(outcome).Message, StringComparison.Ordinal));
        Assert.IsType<Outcome.Denied>(await AskAsync());
    }

    [Fact]
    public async Task A_version_that_cannot_be_decrypted_fails_alone_and_the_others_go_on()
    {
        await _gate.PutAsync(Local, SecretPath.Parse("kv/shop/good"), [Field("v")], true, null, CancellationToken.None);
        await _database.WriteAsync(
            s => s.Statement("UPDATE secret_field SET box = zeroblob(64) WHERE path = @path")
                .With("path", Some.Db.ToString()).ExecuteAsync(CancellationToken.None),
            CancellationToken.None);

        var wishes = new[] { "kv/shop/db", "kv/shop/good" }.Select(path => new Wish(SecretPath.Parse(path), [], Standing.Nothing));
        var outcomes = await _gate.AskAsync(Some.Orders, [.. wishes], longest: false, CancellationToken.None);

        Assert.True(Assert.IsType<Outcome.Failed>(outcomes[0]).RetryAfter > TimeSpan.Zero);
        Assert.IsType<Outcome.Issued>(outcomes[1]);
    }

    [Fact]
    public async Task A_flood_of_callers_that_are_turned_away_does_not_fill_the_audit_log()
    {
        for (var i = 0; i < 200; i++)
            await _gate.TurnAwayAsync("token_missing", $"attempt {i}", CancellationToken.None);
        await _gate.TurnAwayAsync("token_signature", "another kind", CancellationToken.None);
        await _audit.DisposeAsync();

        var turnedAway = (await File.ReadAllLinesAsync(_directory.File("audit.jsonl")))
            .Where(line => line.Contains("\"authenticate\"", StringComparison.Ordinal)).ToList();
        Assert.InRange(turnedAway.Count, 2, 50);
        Assert.Contains("attempt 0", turnedAway[0], StringComparison.Ordinal);
        Assert.Contains("another kind", turnedAway[^1], StringComparison.Ordinal);
    }

    private async Task<Outcome> AskAsync() =>
        (await _gate.AskAsync(Some.Orders, [new Wish(Some.Db, [], Standing.Nothing)], longest: false, CancellationToken.None)).Single();

    private Task<ulong> PutAsync(string value) =>
        _gate.PutAsync(Local, Some.Db, [Field(value)], activate: true, expectedVersion: null, CancellationToken.None);

    private static NewField Field(string value) =>
        new("password", FieldClass.Secret, SecretBytes.CopyOf(System.Text.Encoding.UTF8.GetBytes(value)), null);

    private static Task<AuditUnavailableException> Refuses(Func<Task> act) => Assert.ThrowsAsync<AuditUnavailableException>(act);

    /// <summary>A key that is asked over a wire, while which other things happen.</summary>
    private sealed class KeyService(FileKeyWrapper key, Func<Task> meanwhile) : IKeyWrapper
    {
        public string? KeyId => key.KeyId;

        public bool Knows(string keyId) => key.Knows(keyId);

        public bool TryUnwrap(WrappedKey wrapped, Span<byte> unwrapped) => false;

        public ValueTask<WrappedKey> WrapAsync(ReadOnlyMemory<byte> toWrap, CancellationToken cancellationToken) =>
            key.WrapAsync(toWrap, cancellationToken);

        public async ValueTask UnwrapAsync(WrappedKey wrapped, Memory<byte> unwrapped, CancellationToken cancellationToken)
        {
            await meanwhile();
            await key.UnwrapAsync(wrapped, unwrapped, cancellationToken);
        }

        public ValueTask CheckAsync(CancellationToken cancellationToken) => key.CheckAsync(cancellationToken);

        public void Dispose() => key.Dispose();
    }
}
