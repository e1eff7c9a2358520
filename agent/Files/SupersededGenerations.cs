namespace SidecarAgent.Agent.Files;

/// <summary>
/// Generations that were replaced and still stand for slow readers. Their age is counted on the monotonic clock, from the
/// moment at which this process first saw them superseded: setting the clock of the node changes nothing.
/// </summary>
internal sealed class SupersededGenerations(GenerationShelf shelf, TimeProvider time)
{
    private readonly Dictionary<long, long> _since = [];

    /// <summary>Starts the age of those that are new here.</summary>
    public void Observe(Generation? current) => Observe(shelf.Before(current));

    /// <returns>How many went.</returns>
    public int RemoveOlderThan(Generation? current, TimeSpan age)
    {
        var superseded = shelf.Before(current);
        Observe(superseded);
        var old = superseded.Where(generation => time.GetElapsedTime(_since[generation.Number]) >= age).ToList();
        old.ForEach(Remove);
        return old.Count;
    }

    /// <summary>The oldest goes first; the latest of them never goes this way.</summary>
    /// <returns>False: there is none that may go.</returns>
    public bool RemoveOldest(Generation? current)
    {
        if (shelf.Before(current).Skip(1).LastOrDefault() is not { } oldest)
            return false;
        Remove(oldest);
        return true;
    }

    /// <summary>After a swap: the age of what it superseded starts, and what is too many goes.</summary>
    public void Add(Generation? current, int most)
    {
        var superseded = shelf.Before(current);
        Observe(superseded);
        superseded.Skip(most).ToList().ForEach(Remove);
    }

    private void Observe(IEnumerable<Generation> superseded)
    {
        foreach (var generation in superseded)
            _since.TryAdd(generation.Number, time.GetTimestamp());
    }

    private void Remove(Generation generation)
    {
        shelf.Remove(generation, overwrite: false);
        _since.Remove(generation.Number);
    }
}
