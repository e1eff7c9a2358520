using SidecarAgent.Broker.Audit;
using SidecarAgent.Broker.Configuration;
using SidecarAgent.Broker.Identity;
using SidecarAgent.Broker.Leases;
using SidecarAgent.Broker.Secrets;
using SidecarAgent.Broker.Telemetry;

namespace SidecarAgent.Broker.Detection;

/// <summary>
/// Looks at what the gate is about to answer for what somebody who guards the secrets wants to know: canaries that are
/// asked for, first accesses, and workloads that ask for unusually many secrets. docs/detection.md has the reasons.
/// </summary>
internal sealed partial class Detector(
    DetectionOptions options, FirstAccesses firsts, Spreads spreads, DetectionMetrics metrics, TimeProvider clock,
    ILogger<Detector> logger)
{
    /// <summary>Begins to look at one ask, which is decided in one round or more.</summary>
    public Sightings Begin(Workload workload) => new(workload, firsts);

    /// <summary>Looks at what was decided in a round, before anything is done about it.</summary>
    public async Task LookAsync(
        Sightings sightings, IReadOnlyList<(SecretPath Path, Answer Answer)> decided, CancellationToken cancellationToken)
    {
        sightings.NextRound();
        foreach (var (path, answer) in decided)
        {
            LookForCanary(sightings, path, answer);
            if (IsNew(answer) && spreads.Note(sightings.Workload, path, clock.GetUtcNow()))
                Unusual(sightings, path);
        }

        var begun = decided.Where(one => one.Answer is Answer.Issue { IsNew: true } or Answer.Make).Select(one => one.Path).ToList();
        if (begun.Count == 0 || sightings.CutsOff)
            return;
        var (first, stale) = await firsts.FindAsync(sightings.Workload, begun, cancellationToken);
        sightings.Found(first, stale);
    }

    /// <summary>What was found has an audit entry now: writes down what will be known from here on.</summary>
    public async Task NoteAsync(Sightings sightings)
    {
        if (sightings.First.Count + sightings.Stale.Count == 0)
            return;
        metrics.FirstAccesses(await firsts.NoteAsync(sightings.Workload, [.. sightings.First, .. sightings.Stale]));
    }

    private void LookForCanary(Sightings sightings, SecretPath path, Answer answer)
    {
        // What it has already is confirmed to whoever has it; being cut off is no news.
        if (options.Canaries.Count == 0
            || answer is Answer.Confirm or Answer.Deny { Repeated: true }
                or Answer.Deny { Denial.Reason: DenialReason.CutOff } or Answer.Revoke { Denial.Reason: DenialReason.CutOff })
            return;
        var canary = options.Canaries.Where(canary => canary.Covers(path, sightings.Workload)).MaxBy(canary => canary.CutsOff);
        if (canary is null || !sightings.Trip(path, canary.CutsOff, isGiven: answer is Answer.Issue or Answer.Make))
            return;
        // Not after the audit: an attempt is an alarm also while the log cannot be written and nothing is given.
        metrics.CanaryTripped();
        var workload = sightings.Workload;
        LogCanary(
            path, ForeignText.Clean(workload.Name), ForeignText.Clean(workload.Pod ?? "none"),
            ForeignText.Clean(workload.Node ?? "none"), canary.CutsOff ? "cut off" : "answered as if nothing had happened");
    }

    private void Unusual(Sightings sightings, SecretPath path)
    {
        var many = $"more than {options.SpreadSecrets} different secrets within {options.SpreadWithin.TotalMinutes:0} minutes";
        metrics.Unusual();
        sightings.Add(new AuditEntry(AuditAction.Unusual, Allowed: true, $"asked for {many}; this is the first beyond")
        {
            Workload = sightings.Workload,
            Path = path.ToString(),
        });
        LogUnusual(ForeignText.Clean(sightings.Workload.Name), ForeignText.Clean(sightings.Workload.Pod ?? "none"), many);
    }

    /// <summary>Not what goes on under a lease that the holder has, nor what a stream was told before.</summary>
    private static bool IsNew(Answer answer) =>
        answer is Answer.Issue { IsNew: true } or Answer.Make or Answer.Deny { Repeated: false };

    [LoggerMessage(LogLevel.Warning, "The canary {Path} was asked for by {Workload}, pod {Pod} on node {Node}, which is {Answer}. Nothing that is meant to run here asks for it: find out who did.")]
    private partial void LogCanary(SecretPath path, string workload, string pod, string node, string answer);

    [LoggerMessage(LogLevel.Warning, "{Workload}, now pod {Pod}, has asked for {Many}. If that is what it needs, raise detection.spread; else find out who asks.")]
    private partial void LogUnusual(string workload, string pod, string many);
}
