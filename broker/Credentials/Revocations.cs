using System.Security.Cryptography;
using SidecarAgent.Broker.Audit;
using SidecarAgent.Broker.Configuration;
using SidecarAgent.Broker.Engines;
using SidecarAgent.Broker.Engines.Accounts;
using SidecarAgent.Broker.Storage;
using SidecarAgent.Broker.Telemetry;

namespace SidecarAgent.Broker.Credentials;

/// <summary>
/// Drops the accounts outside whose leases have ended, with their sessions, until each is gone. One loop for each mount,
/// so that a server that is away holds up no other.
/// </summary>
internal sealed partial class Revocations(
    Mounts mounts, Database database, CredentialMaker maker, AuditLog audit, LeaseOptions options, BrokerMetrics metrics,
    TimeProvider clock, ILogger<Revocations> logger)
{
    /// <summary>Also without being woken: accounts whose time to be tried again has come.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>Read at a time, so that a great many do not fill the memory.</summary>
    private const int Batch = 200;

    private readonly Lock _lock = new();
    private TaskCompletionSource _woken = NewSignal();
    private bool _failing;

    /// <summary>What is to be dropped from now on is looked for at once.</summary>
    public void Wake()
    {
        lock (_lock)
            _woken.TrySetResult();
    }

    /// <summary>
    /// Before anybody is served: what a broker that crashed was making is to be dropped, for nobody was given it.
    /// </summary>
    public async Task RecoverAsync(CancellationToken cancellationToken)
    {
        var found = await EndUnfinishedAsync(DateTimeOffset.MaxValue, cancellationToken);
        if (found > 0)
            LogUnfinished(found);
    }

    /// <returns>Of these leases, the accounts that were not dropped yet; one that is dropped once more, to be sure, is no such.</returns>
    public async Task<IReadOnlyList<Credential>> PendingAsync(IReadOnlySet<string> leases, CancellationToken cancellationToken)
    {
        var ended = await database.ReadAsync(s => CredentialTable.EndedAsync(s, cancellationToken), cancellationToken);
        return [.. ended.Where(credential => leases.Contains(credential.Id) && !RevocationRule.WasDropped(credential))];
    }

    /// <summary>Drops what is to be dropped from one server. Works until it is cancelled; then it throws.</summary>
    public Task RunAsync(OutsideServer server, CancellationToken cancellationToken) =>
        RepeatAsync(() => DropDueAsync(server, cancellationToken), cancellationToken);

    /// <summary>Looks after what no server's loop sees, and counts. Works until it is cancelled; then it throws.</summary>
    public Task LookAfterAsync(CancellationToken cancellationToken) => RepeatAsync(
        async () =>
        {
            await EndUnfinishedAsync(clock.GetUtcNow(), cancellationToken);
            var known = mounts.Engines.OfType<DynamicEngine>().Select(engine => engine.Server.Mount).ToHashSet();
            var used = await database.ReadAsync(s => CredentialTable.MountsAsync(s, cancellationToken), cancellationToken);
            foreach (var mount in used.Where(mount => !known.Contains(mount)))
                await GiveUpAsync(mount, cancellationToken);
            metrics.CountedIrrevocable(
                await database.ReadAsync(s => CredentialTable.CountIrrevocableAsync(s, cancellationToken), cancellationToken));
        },
        cancellationToken);

    private async Task RepeatAsync(Func<Task> work, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task woken;
            lock (_lock)
            {
                if (_woken.Task.IsCompleted)
                    _woken = NewSignal();
                woken = _woken.Task;
            }

            try
            {
                await work();
                _failing = false;
            }
            catch (StorageUnavailableException e)
            {
                if (!_failing)
                    LogFailing(e.Message);
                _failing = true;
            }

            await Task.WhenAny(woken, Task.Delay(Interval, clock, cancellationToken));
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private async Task DropDueAsync(OutsideServer server, CancellationToken cancellationToken)
    {
        List<Credential> due;
        do
        {
            due = await database.ReadAsync(
                s => CredentialTable.DueAsync(s, server.Mount, clock.GetUtcNow(), Batch, cancellationToken), cancellationToken);
            await Parallel.ForEachAsync(
                due,
                new ParallelOptions { MaxDegreeOfParallelism = AtOnce(server), CancellationToken = cancellationToken },
                async (credential, stop) => await DropAsync(server, credential, stop));
        }
        while (due.Count == Batch);
    }

    private async Task DropAsync(OutsideServer server, Credential credential, CancellationToken cancellationToken)
    {
        var wasAway = server.WasAway;
        try
        {
            await server.AskAsync(
                (accounts, stop) => accounts.DropAsync(credential.Account, credential.Role, stop), cancellationToken);
        }
        catch (AccountServerException e)
        {
            await FailAsync(credential, e.Message, options.GiveUpAfter);
            return;
        }

        var now = clock.GetUtcNow();
        var left = RevocationRule.Dropped(credential, now);
        await database.WriteAsync(
            async session =>
            {
                if (left is null)
                    await ForgetAsync(session, credential);
                else
                    await CredentialTable.UpdateAsync(session, left, CancellationToken.None);
                if (wasAway)
                    await CredentialTable.HurryAsync(session, server.Mount, now, CancellationToken.None);
                return true;
            },
            CancellationToken.None);
        if (left is not null)
            return;
        metrics.Revoked("dropped", 1);
        await AuditAsync(credential, allowed: true, $"account {credential.Account} is dropped");
    }

    private async Task FailAsync(Credential credential, string problem, TimeSpan giveUpAfter)
    {
        var failed = RevocationRule.Failed(
            credential, problem, clock.GetUtcNow(), giveUpAfter, RandomNumberGenerator.GetInt32(1000) / 1000.0);
        await database.WriteAsync(
            async session =>
            {
                await CredentialTable.UpdateAsync(session, failed, CancellationToken.None);
                return true;
            },
            CancellationToken.None);
        metrics.Revoked("failed", 1);
        if (failed.State != CredentialState.Irrevocable || credential.State == CredentialState.Irrevocable)
            return;
        metrics.Revoked("irrevocable", 1);
        LogIrrevocable(credential.Account.Value, credential.Path.ToString(), credential.Id, problem);
        await AuditAsync(credential, allowed: false, $"account {credential.Account} cannot be dropped: {problem}");
    }

    private async Task GiveUpAsync(string mount, CancellationToken cancellationToken)
    {
        var due = await database.ReadAsync(
            s => CredentialTable.DueAsync(s, mount, clock.GetUtcNow(), Batch, cancellationToken), cancellationToken);
        foreach (var credential in due)
            await FailAsync(credential, $"no server is configured at {mount} any more", TimeSpan.Zero);
    }

    /// <summary>Values and row go together: nothing is left of a credential that is gone.</summary>
    private static async Task ForgetAsync(Session session, Credential credential)
    {
        await SecretTable.RemoveAsync(session, credential.Path, credential.Version, CancellationToken.None);
        await CredentialTable.RemoveAsync(session, credential.Id, CancellationToken.None);
    }

    /// <summary>
    /// Not what is being made still, though its time is over: a clock may be set, and what is dropped before it is made
    /// would stay. Who makes it is asked when the writer comes to it, so that it knows of each row that is there.
    /// </summary>
    private Task<int> EndUnfinishedAsync(DateTimeOffset inDoubtUntil, CancellationToken cancellationToken) =>
        database.WriteAsync(
            s => CredentialTable.EndUnfinishedAsync(s, inDoubtUntil, maker.UnderWay, clock.GetUtcNow(), CancellationToken.None),
            cancellationToken);

    /// <summary>Taking away does not wait for the log, and is in it when it can be.</summary>
    private async Task AuditAsync(Credential credential, bool allowed, string detail)
    {
        var entry = new AuditEntry(AuditAction.Drop, allowed, detail)
        {
            Workload = credential.Workload,
            Path = credential.Path.ToString(),
            Version = credential.Version,
            LeaseId = credential.Id,
        };
        try
        {
            await audit.AppendAsync(entry, CancellationToken.None);
        }
        catch (AuditUnavailableException e)
        {
            metrics.AuditFailed();
            LogNotAudited(credential.Account.Value, e.Message);
        }
    }

    /// <summary>So few that logins and new accounts find a place beside them.</summary>
    private static int AtOnce(OutsideServer server) => Math.Max(1, server.Options.Concurrency / 2);

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
