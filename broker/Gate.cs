using System.Security.Cryptography;
using SidecarAgent.Broker.Audit;
using SidecarAgent.Broker.Credentials;
using SidecarAgent.Broker.Crypto;
using SidecarAgent.Broker.Detection;
using SidecarAgent.Broker.Engines;
using SidecarAgent.Broker.Identity;
using SidecarAgent.Broker.Leases;
using SidecarAgent.Broker.Policy;
using SidecarAgent.Broker.Rotation;
using SidecarAgent.Broker.Secrets;
using SidecarAgent.Broker.Telemetry;
using SidecarAgent.Broker.Watch;

namespace SidecarAgent.Broker;

/// <summary>
/// The one class through which any value leaves, and any change comes in. Every call goes the same way: authorise, write
/// the audit entry and wait until it is durable, then act. Denials are audited, too; if the entry cannot be written,
/// the answer is no.
/// </summary>
/// <remarks>
/// Gate.cs: what workloads are given. Gate.Leases.cs: what they do with their leases. Gate.Secrets.cs, Gate.Rotations.cs,
/// Gate.Detection.cs: what the broker does to them by itself. Gate.LeaseOperations.cs, Gate.CutOffs.cs, Gate.Policies.cs, Gate.Keys.cs and Gate.Trace.cs: what operators do.
/// </remarks>
internal sealed partial class Gate(
    PolicySource policies,
    CutOffs cutOffs,
    AuditLog audit,
    AuditHistory history,
    Mounts mounts,
    KeyValueEngine engine,
    LeaseBook leases,
    KeyKeeping keys,
    CredentialMaker maker,
    CredentialExtension extension,
    Revocations revocations,
    Watchers watchers,
    BrokerMetrics metrics,
    Rotations rotations,
    Detector detector,
    TimeProvider clock,
    ILogger<Gate> logger)
{
    private static readonly TimeSpan RetryKeyService = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan RetryUnreadable = TimeSpan.FromSeconds(30);

    private readonly TurnAways _turnAways = new(clock);

    /// <summary>Gives a workload what it may have of what it wants.</summary>
    /// <param name="workload">Who asks.</param>
    /// <param name="wishes">What it wants, and what it has of that.</param>
    /// <param name="longest">It cannot renew, and wants leases as long as its grants allow.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>One for each wish, in their order; the caller disposes them when they are sent.</returns>
    /// <exception cref="AuditUnavailableException">Nothing was given.</exception>
    public async Task<IReadOnlyList<Outcome>> AskAsync(
        Workload workload, IReadOnlyList<Wish> wishes, bool longest, CancellationToken cancellationToken)
    {
        var answers = new Answer[wishes.Count];
        var notMade = new NotMade?[wishes.Count];
        var open = Enumerable.Range(0, wishes.Count).ToList();
        using var sightings = detector.Begin(workload);
        while (open.Count > 0)
        {
            // 1. Authorise. 2. Audit. 3. Act; where something has changed since 1, begin again with that.
            await DecideAsync(workload, wishes, open, answers, notMade, longest, cancellationToken);
            await detector.LookAsync(sightings, [.. open.Select(i => (wishes[i].Path, answers[i]))], cancellationToken);
            if (sightings.CutsOff)
            {
                await CutOffCallerAsync(sightings, cancellationToken);
                open = [.. Enumerable.Range(0, wishes.Count)];
                continue;
            }

            await AuditAsync(open.Select(i => Entry(workload, wishes[i].Path, answers[i])).Concat(sightings.Entries), cancellationToken);
            await detector.NoteAsync(sightings);
            var applied = await Task.WhenAll(open.Select(i => ApplyAsync(answers, notMade, i, cancellationToken)));
            WakeRotations(open.Where((i, at) => applied[at] && answers[i] is Answer.Revoke).Select(i => wishes[i].Path));
            open = [.. open.Where((_, i) => !applied[i])];
        }

        CountDenials(answers);
        return await OpenAsync(answers, cancellationToken);
    }

    /// <summary>
    /// Whoever called has not proved who it is, or is not whom the call is for. Counted and audited; of many, the audit
    /// log names the first and <see cref="SumUpTurnedAwayAsync"/> the number of the rest.
    /// </summary>
    /// <param name="reason">For machines, in snake_case: a label value.</param>
    /// <param name="message">For people.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task TurnAwayAsync(string reason, string message, CancellationToken cancellationToken)
    {
        metrics.Denied(reason);
        if (_turnAways.IsNamed(reason))
            await AuditAsync([new AuditEntry(AuditAction.Authenticate, Allowed: false, message)], cancellationToken);
    }

    /// <summary>Writes how many callers were turned away without an entry of their own, when their minute is over.</summary>
    public async Task SumUpTurnedAwayAsync(CancellationToken cancellationToken)
    {
        var unnamed = _turnAways.TakeUnnamed();
        try
        {
            await AuditAsync(
                unnamed.Select(many => new AuditEntry(
                    AuditAction.Authenticate, Allowed: false, $"{many.Callers} more callers were turned away, too many to name each: {many.Reason}")),
                cancellationToken);
        }
        catch (AuditUnavailableException)
        {
            _turnAways.Return(unnamed);
            throw;
        }
    }

    private async Task DecideAsync(
        Workload workload, IReadOnlyList<Wish> wishes, List<int> open, Answer[] answers, NotMade?[] notMade, bool longest,
        CancellationToken cancellationToken)
    {
        var facts = await leases.ReadAsync(
            workload.Holder, [.. open.Select(i => wishes[i].Path)], cancellationToken);
        var now = clock.GetUtcNow();
        foreach (var (fact, i) in facts.Zip(open))
        {
            var access = Authorise(workload, wishes[i].Path, wishes[i].Fields);
            if (longest && access is Access.Granted granted)
                access = granted with { Terms = granted.Terms.Longest };
            var answer = AnswerRule.Decide(workload, wishes[i], access, fact with { NotMade = notMade[i] }, NewId(), now);
            answers[i] = answer is Answer.Make make ? maker.Name(make) : answer;
        }
    }

    /// <returns>False: something has changed since the answer was decided.</returns>
    private async Task<bool> ApplyAsync(Answer[] answers, NotMade?[] notMade, int i, CancellationToken cancellationToken)
    {
        switch (answers[i])
        {
            case Answer.Make make:
                // Once for each call: what was made and has ended already is not made again at once.
                notMade[i] = await maker.MakeAsync(make, cancellationToken);
                return false;
            case Answer.Confirm { Extended: true } confirm:
                answers[i] = confirm with { Lease = await extension.CoverAsync(confirm.Lease, cancellationToken) };
                break;
            case Answer.Issue { IsNew: false } issue:
                answers[i] = issue with { Lease = await extension.CoverAsync(issue.Lease, cancellationToken) };
                break;
        }

        var isApplied = await leases.ApplyAsync(answers[i], cancellationToken);
        if (answers[i] is Answer.Revoke)
            revocations.Wake();
        return isApplied;
    }

    private Access Authorise(Workload workload, SecretPath path, IReadOnlyCollection<string> fields)
    {
        if (cutOffs.Find(workload, path) is { } cutOff)
            return new Access.Refused(new Denial(DenialReason.CutOff, cutOff.Explanation));
        return policies.Current.Decide(workload, path, fields) switch
        {
            Decision.Allowed allowed => new Access.Granted(
                allowed.Fields, mounts.Limit(path, new LeaseTerms(allowed.Ttl, allowed.MaxTtl))),
            var refused => new Access.Refused(new Denial(DenialReason.NoGrant, refused.Explanation)),
        };
    }

    /// <returns>What the log says of an answer; null: nothing is given, taken or denied that was not before.</returns>
    private static AuditEntry? Entry(Workload workload, SecretPath path, Answer answer) => answer switch
    {
        Answer.Issue { Lease: var lease } => Entry(AuditAction.Issue, lease),
        Answer.Make { Lease: var lease, Account: var account } =>
            new AuditEntry(AuditAction.Make, Allowed: true, $"account {account}")
            {
                Workload = workload,
                Path = path.ToString(),
                LeaseId = lease.Id,
            },
        Answer.Confirm { Extended: true, Lease: var lease } => Entry(AuditAction.Renew, lease),
        Answer.Deny { Repeated: false, Denial.Message: var message } =>
            new AuditEntry(AuditAction.Issue, Allowed: false, message) { Workload = workload, Path = path.ToString() },
        Answer.Revoke { Denial.Message: var message, LeaseId: var lease } =>
            new AuditEntry(AuditAction.Issue, Allowed: false, message)
            {
                Workload = workload,
                Path = path.ToString(),
                LeaseId = lease,
            },
        _ => null,
    };

    private static AuditEntry Entry(AuditAction action, Lease lease, bool allowed = true, string? detail = null) =>
        new(action, allowed, detail)
        {
            Workload = lease.Workload,
            Path = lease.Path.ToString(),
            Version = lease.Version,
            Fields = lease.Fields,
            LeaseId = lease.Id,
        };

    private void CountDenials(Answer[] answers)
    {
        foreach (var answer in answers)
        {
            if (answer is Answer.Revoke { Denial.Reason: var taken })
                metrics.Denied(taken);
            else if (answer is Answer.Deny { Repeated: false, Denial.Reason: var denied })
                metrics.Denied(denied);
        }
    }

    private async Task<IReadOnlyList<Outcome>> OpenAsync(Answer[] answers, CancellationToken cancellationToken)
    {
        var outcomes = new List<Outcome>(answers.Length);
        try
        {
            foreach (var answer in answers)
            {
                outcomes.Add(answer switch
                {
                    Answer.Issue issue => await OpenAsync(issue, cancellationToken),
                    Answer.Confirm confirm => new Outcome.Confirmed(confirm.Lease),
                    Answer.Revoke revoke => new Outcome.Revoked(revoke.Denial),
                    Answer.Fail fail => new Outcome.Failed(fail.Why.Message, fail.Why.RetryAfter),
                    Answer.Deny deny => new Outcome.Denied(deny.Denial, deny.Repeated),
                    _ => throw new InvalidOperationException($"No outcome for {answer.GetType().Name}."),
                });
            }

            // A key service may have taken its time, and whoever cut the workload off was told that its leases have ended.
            for (var i = 0; i < outcomes.Count; i++)
            {
                if (outcomes[i] is not Outcome.Issued { Lease: var lease } given || cutOffs.Find(lease.Workload, lease.Path) is null)
                    continue;
                using (given)
                    outcomes[i] = JustEnded(lease.Path, lease.Version);
            }

            return outcomes;
        }
        catch
        {
            outcomes.ForEach(outcome => outcome.Dispose());
            throw;
        }
    }

    private async Task<Outcome> OpenAsync(Answer.Issue issue, CancellationToken cancellationToken)
    {
        var (path, number) = (issue.Lease.Path, issue.Lease.Version);
        try
        {
            var version = await engine.VersionAsync(path, number, cancellationToken);
            var fields = await engine.OpenAsync(version, f => issue.Lease.Fields.Contains(f.Name), cancellationToken);
            return new Outcome.Issued(issue.Lease, issue.ActivatedAt, [.. fields.Where(field => field.Value is not null)]);
        }
        catch (RequestFailedException e) when (e.Reason is ErrorReason.VersionNotFound or ErrorReason.VersionDeleted)
        {
            return JustEnded(path, number);
        }
        catch (KeyUnavailableException e)
        {
            // Not logged here: it is logged when the key service goes away, and there may be thousands who ask.
            return new Outcome.Failed($"the broker cannot decrypt {path} now: {e.Message}", RetryKeyService);
        }
        catch (CryptographicException e)
        {
            LogUnreadable(path, number, e);
            return new Outcome.Failed(
                $"the broker cannot decrypt version {number} of {path}; its log says why", RetryUnreadable);
        }
    }

    private static Outcome.Failed JustEnded(SecretPath path, ulong number) =>
        new($"the lease on version {number} of {path} has just ended", TimeSpan.FromSeconds(1));

    /// <summary>Completes when all entries are durable.</summary>
    private async Task AuditAsync(IEnumerable<AuditEntry?> entries, CancellationToken cancellationToken)
    {
        try
        {
            await Task.WhenAll(entries.OfType<AuditEntry>().Select(entry => audit.AppendAsync(entry, cancellationToken)));
        }
        catch (AuditUnavailableException)
        {
            metrics.AuditFailed();
            throw;
        }
    }

    /// <summary>128 random bits, in 32 characters.</summary>
    private static string NewId() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    [LoggerMessage(LogLevel.Error, "Version {Version} of {Path} cannot be decrypted. Is the key file another one, or was the database altered?")]
    private partial void LogUnreadable(SecretPath path, ulong version, Exception cause);
}
