using System.Threading.Channels;
using SidecarAgent.Broker.Audit;
using SidecarAgent.Broker.Credentials;
using SidecarAgent.Broker.Identity;
using SidecarAgent.Broker.Leases;
using SidecarAgent.Broker.Policy;
using SidecarAgent.Broker.Secrets;

namespace SidecarAgent.Broker;

internal sealed partial class Gate
{
    /// <summary>How long an operator waits for connected holders to be told.</summary>
    private static readonly TimeSpan TellTime = TimeSpan.FromSeconds(2);

    /// <summary>Who holds a secret, and whether they have a watch open.</summary>
    /// <exception cref="RequestFailedException">There is no such secret: a slip of the pen is not "nobody".</exception>
    public async Task<IReadOnlyList<(Lease Lease, bool Connected)>> HoldersAsync(
        Operator by, SecretPath path, CancellationToken cancellationToken)
    {
        await AuditAsync([Entry(by, AuditAction.Holders, path)], cancellationToken);
        if (mounts.Find<DynamicEngine>(path)?.Serves(path) != true)
            await engine.HeadAsync(path, cancellationToken);
        var held = await leases.OfSecretAsync(path, cancellationToken);
        return [.. held.Select(lease => (lease, watchers.IsConnected(lease.Workload.Holder)))];
    }

    /// <summary>Break-glass: cuts off, ends the leases, tells the holders.</summary>
    /// <returns>The cut-off, the leases that ended, and which of their holders were told.</returns>
    public async Task<(CutOff CutOff, IReadOnlyList<Lease> Ended, IReadOnlySet<string> Told)> RevokeAsync(
        Operator by, CutOffKind kind, string target, string reason, CancellationToken cancellationToken)
    {
        var cutOff = await BeginCutOffAsync(by, kind, target, reason, cancellationToken);
        var (ended, recorded) = await CutAsync(by, cutOff);
        var told = await TellAsync(cutOff);
        await recorded;
        var holders = ended.Select(lease => lease.Workload.Holder).ToHashSet();
        metrics.Revoked("told", holders.Count(told.Contains));
        metrics.Revoked("not_reached", holders.Count(holder => !told.Contains(holder)));
        return (cutOff, ended, told);
    }

    /// <summary>What is cut off now, oldest first.</summary>
    public async Task<IReadOnlyList<CutOff>> ListCutOffsAsync(Operator by, CancellationToken cancellationToken)
    {
        await AuditAsync([new AuditEntry(AuditAction.ListCutOffs, Allowed: true) { Operator = by.Name }], cancellationToken);
        return cutOffs.Current;
    }

    /// <summary>Ends a cut-off. Holders that still ask are served again at once.</summary>
    /// <exception cref="RequestFailedException">There is none of that id.</exception>
    public async Task LiftCutOffAsync(Operator by, string id, CancellationToken cancellationToken)
    {
        await AuditAsync([new AuditEntry(AuditAction.LiftCutOff, Allowed: true, id) { Operator = by.Name }], cancellationToken);
        var lifted = await cutOffs.LiftAsync(id)
            ?? throw new RequestFailedException(ErrorReason.CutOffNotFound, $"there is no cut-off {id}");
        watchers.WakeCovered(lifted);
    }

    /// <summary>What the policies decide, for as long as the secret's engine allows. A cut-off goes before them.</summary>
    public async Task<(Decision Decision, CutOff? CutOff)> ExplainAsync(
        Operator by, Workload workload, SecretPath path, IReadOnlyList<string> fields, CancellationToken cancellationToken)
    {
        await AuditAsync([Entry(by, AuditAction.Explain, path) with { Workload = workload }], cancellationToken);
        var decision = policies.Current.Decide(workload, path, fields);
        if (decision is Decision.Allowed allowed)
        {
            var (ttl, maxTtl) = mounts.Limit(path, new LeaseTerms(allowed.Ttl, allowed.MaxTtl));
            decision = allowed with { Ttl = ttl, MaxTtl = maxTtl };
        }

        return (decision, cutOffs.Find(workload, path));
    }

    /// <summary>Looks at every open watch again when other policies are in force. Works until it is cancelled.</summary>
    public async Task FollowPoliciesAsync(CancellationToken cancellationToken)
    {
        var changed = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        void Signal(PolicySet _) => changed.Writer.TryWrite(true);
        policies.Changed += Signal;
        try
        {
            // The first time for what changed before anybody listened.
            do
            {
                watchers.WakeAll();
                await AuditPoliciesAsync(cancellationToken);
            }
            while (await changed.Reader.ReadAsync(cancellationToken));
        }
        finally
        {
            policies.Changed -= Signal;
        }
    }

    /// <returns>The cut-off, which the audit log knows and nobody else.</returns>
    private async Task<CutOff> BeginCutOffAsync(
        Operator by, CutOffKind kind, string target, string reason, CancellationToken cancellationToken)
    {
        var cutOff = new CutOff(NewId(), kind, target, reason, clock.GetUtcNow(), by.Name);
        var entry = new AuditEntry(AuditAction.Revoke, Allowed: true, $"{cutOff.Id}: {cutOff.Explanation}");
        await AuditAsync([entry with { Operator = by.Name, Names = cutOff.Names }], cancellationToken);
        return cutOff;
    }

    /// <returns>The leases that ended, and the audit of that, which is under way.</returns>
    private async Task<(IReadOnlyList<Lease> Ended, Task Recorded)> CutAsync(Operator? by, CutOff cutOff, bool once = false)
    {
        var ended = await cutOffs.CutAsync(cutOff, once);
        var recorded = AuditEndedAsync(by, cutOff, ended);
        revocations.Wake();
        WakeRotations(ended.Select(lease => lease.Path));
        return (ended, recorded);
    }

    private async Task AuditPoliciesAsync(CancellationToken cancellationToken)
    {
        try
        {
            await AuditAsync(
                [new AuditEntry(AuditAction.PoliciesLoaded, Allowed: true, policies.Current.Size)],
                cancellationToken);
        }
        catch (AuditUnavailableException e)
        {
            // They are in force already; taking grants away must not wait for the log.
            LogPoliciesNotAudited(e.Message);
        }
    }

    /// <summary>Which leases it was that ended, for who traces a version later. That they end was written before.</summary>
    private async Task AuditEndedAsync(Operator? by, CutOff cutOff, IReadOnlyList<Lease> ended)
    {
        try
        {
            await AuditAsync(
                ended.Select(lease => Entry(AuditAction.Revoke, lease, detail: cutOff.Id) with { Operator = by?.Name }),
                CancellationToken.None);
        }
        catch (AuditUnavailableException e)
        {
            LogEndedNotAudited(cutOff.Id, ended.Count, e.Message);
        }
    }

    private async Task<IReadOnlySet<string>> TellAsync(CutOff cutOff)
    {
        var telling = watchers.WakeCovered(cutOff);
        using var patience = new CancellationTokenSource(TellTime, clock);
        try
        {
            await Task.WhenAll(telling.Select(watch => watch.Told)).WaitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            // Whoever reads so slowly counts as not reached; it is told as soon as it reads.
        }

        return telling.Where(watch => watch.Told is { IsCompletedSuccessfully: true, Result: true })
            .Select(watch => watch.Holder).ToHashSet();
    }

    [LoggerMessage(LogLevel.Error, "The cut-off {Id} has ended {Leases} leases, and the audit log cannot be told which: {Problem}.")]
    private partial void LogEndedNotAudited(string id, int leases, string problem);

    [LoggerMessage(LogLevel.Error, "Other policies are in force, and the audit log cannot be told: {Problem}.")]
    private partial void LogPoliciesNotAudited(string problem);
}
