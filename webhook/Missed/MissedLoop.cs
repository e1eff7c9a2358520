using System.Net;
using SidecarAgent.Webhook.Injection;
using SidecarAgent.Webhook.Kubernetes;

namespace SidecarAgent.Webhook.Missed;

/// <summary>What the reconciler is told.</summary>
/// <param name="Namespace">The webhook's own.</param>
/// <param name="Registration">The MutatingWebhookConfiguration whose selectors say which pods are ours, if it is known.</param>
internal sealed record MissedPlace(string Namespace, string? Registration);

/// <summary>
/// Looks every few minutes for pods that ask for injection and run without the agent, if this replica holds the Lease.
/// Reports them, and evicts them where that is configured, so many in a pass.
/// </summary>
internal sealed partial class MissedLoop(
    ApiClient api, Election election, MissedPlace place, MissedSettings missed, Func<InjectionSettings> settings,
    MissedMetrics metrics, TimeProvider time, ILogger<MissedLoop> logger) : BackgroundService
{
    public const int MaxReported = 50;
    public const int MaxEvicted = 10;
    private const int MaxJudged = 500;
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan PeriodWithoutLease = TimeSpan.FromSeconds(10);

    private readonly KnownPods _known = new();
    private readonly PodPages _pages = new(api);

    /// <summary>One pass over all pods.</summary>
    /// <returns>How long to wait until the next.</returns>
    /// <exception cref="ApiException">The API server does not do its part.</exception>
    public async Task<TimeSpan> RoundAsync(CancellationToken cancellation)
    {
        if (!election.IsHolder)
        {
            // Whoever holds it tells the number; two that do would add up to twice as much.
            metrics.Found = null;
            return PeriodWithoutLease;
        }

        var candidates = await CandidatesAsync(cancellation);
        foreach (var pod in _known.Replace(candidates).Take(MaxJudged))
            await JudgeAsync(pod, cancellation);
        metrics.Found = _known.Missed.Count();
        foreach (var pod in _known.Missed.Where(pod => !pod.IsReported).Take(MaxReported).ToList())
            await ReportAsync(pod, cancellation);
        if (missed.Evict)
            await EvictAsync(cancellation);
        return Period;
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        new PatientLoop("Pods without the agent cannot be looked for", time, logger).RunAsync(RoundAsync, _ => { }, stoppingToken);

    private async Task<List<PodReference>> CandidatesAsync(CancellationToken cancellation)
    {
        var configuration = place.Registration is null ? null : await api.FindAsync(ApiPaths.Registration(place.Registration), cancellation);
        var scope = new WebhookScope(place.Registration is null ? null : configuration ?? [], place.Namespace);
        var candidates = new List<PodReference>();
        await foreach (var metadata in _pages.ReadAsync(cancellation))
        {
            if (candidates.Count < KnownPods.Most && MissedRule.IsCandidate(metadata, scope, settings()))
                candidates.Add(PodReference.Read(metadata));
        }

        return candidates;
    }

    private async Task JudgeAsync(PodReference reference, CancellationToken cancellation)
    {
        var pod = await api.FindAsync(ApiPaths.Pod(reference.Namespace, reference.Name), cancellation);
        // Another pod of the same name is one for the next pass.
        if (pod?["metadata"]?["uid"]?.ToString() != reference.Uid)
            return;
        _known.Add(reference, MissedRule.Judge(pod, reference.Namespace, settings()));
    }

    private async Task ReportAsync(KnownPods.KnownPod known, CancellationToken cancellation)
    {
        var message = ((MissedVerdict.Missed)known.Verdict).Message;
        try
        {
            await api.CreateAsync(ApiPaths.Events(known.Pod.Namespace), PodRequests.Event(known.Pod, message, api.Now), cancellation);
            metrics.Did("reported");
            LogMissed(known.Pod.Namespace, known.Pod.Name);
        }
        catch (ApiException e) when (e.IsConflict)
        {
            // This replica, or one before it, has said so already.
        }
        catch (ApiException e) when (IsAboutThePod(e))
        {
            metrics.Did("report-failed");
            LogNotReported(known.Pod.Namespace, known.Pod.Name, e.Message);
        }

        known.IsReported = true;
    }

    /// <summary>Those first that were tried least often, so that one whose budget is used up does not hold up the others.</summary>
    private async Task EvictAsync(CancellationToken cancellation)
    {
        var pods = _known.Missed
            .Where(known => known is { IsEvicted: false, IsReported: true, Verdict: MissedVerdict.Missed { MayEvict: true } })
            .OrderBy(known => known.Tries).Take(MaxEvicted).ToList();
        foreach (var known in pods)
        {
            if (!election.IsHolder)
                return;
            known.Tries++;
            try
            {
                await api.CreateAsync(ApiPaths.Eviction(known.Pod.Namespace, known.Pod.Name), PodRequests.Eviction(known.Pod), cancellation);
                known.IsEvicted = true;
                metrics.Did("evicted");
                LogEvicted(known.Pod.Namespace, known.Pod.Name);
            }
            catch (ApiException e) when (e.IsNotFound || e.IsConflict)
            {
                known.IsEvicted = true;
            }
            catch (ApiException e) when (IsAboutThePod(e) || e.Status is HttpStatusCode.TooManyRequests)
            {
                metrics.Did("eviction-refused");
                LogNotEvicted(known.Pod.Namespace, known.Pod.Name, e.Message);
            }
        }
    }

    /// <summary>Such as a namespace that is being deleted: the others can be gone on with.</summary>
    private static bool IsAboutThePod(ApiException e) =>
        e.Status is HttpStatusCode.Forbidden or HttpStatusCode.NotFound or HttpStatusCode.Conflict or HttpStatusCode.UnprocessableEntity;
}
