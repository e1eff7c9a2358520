namespace SidecarAgent.Webhook.Missed;

/// <summary>What this process knows of the pods that it found, so that none is judged or reported twice. Bounded.</summary>
internal sealed class KnownPods
{
    public const int Most = 10_000;

    private Dictionary<string, KnownPod> _byUid = new(StringComparer.Ordinal);

    public IEnumerable<KnownPod> Missed => _byUid.Values.Where(pod => pod.Verdict is MissedVerdict.Missed);

    /// <summary>Forgets all that are not among these.</summary>
    /// <returns>Those that were not known, so far as there is room.</returns>
    public IReadOnlyList<PodReference> Replace(IReadOnlyCollection<PodReference> candidates)
    {
        var kept = new Dictionary<string, KnownPod>(StringComparer.Ordinal);
        var unknown = new List<PodReference>();
        foreach (var candidate in candidates)
        {
            if (_byUid.TryGetValue(candidate.Uid, out var known))
                kept.TryAdd(candidate.Uid, known);
            else
                unknown.Add(candidate);
        }

        _byUid = kept;
        return [.. unknown.Take(Most - kept.Count)];
    }

    public void Add(PodReference pod, MissedVerdict verdict) => _byUid[pod.Uid] = new KnownPod(pod, verdict);

    /// <summary>A pod that was judged.</summary>
    internal sealed class KnownPod(PodReference pod, MissedVerdict verdict)
    {
        public PodReference Pod => pod;

        public MissedVerdict Verdict => verdict;

        public bool IsReported { get; set; }

        public bool IsEvicted { get; set; }

        /// <summary>How often its eviction was asked for.</summary>
        public int Tries { get; set; }
    }
}
