namespace SidecarAgent.Agent.Files;

/// <summary>
/// Generations that were replaced and still stand for slow readers. Their age is counted on the monotonic clock, from the
/// moment at which this process first saw them superseded: setting the clock of the node changes nothing.
/// </summary>
internal sealed class SupersededGenerations(GenerationShelf shelf, TimeProvider time)
{
    private readonly Dictionary<long, long> _since = [];

    /// <summary>Starts the age of those that are new here.</summary>
    public void Observe(Generation? current)
    {
        foreach (var generation in NewestFirst(current))
            _since.TryAdd(generation.Number, time.GetTimestamp());
    }

    /// <returns>How many went.</returns>
    public int RemoveOlderThan(Generation? current, TimeSpan age)
    {
        Observe(current);
        var old = NewestFirst(current).Where(generation => time.GetElapsedTime(_since[generation.Number]) >= age).ToList();
        old.ForEach(Remove);
        return old.Count;
    }

    /// <summary>The oldest goes first; the latest of them never goes this way.</summary>
    /// <returns>False: there is none that may go.</returns>
    public bool RemoveOldest(Generation? current)
    {
        if (NewestFirst(current).Skip(1).LastOrDefault() is not { } oldest)
            return false;
        Remove(oldest);
        return true;
    }

    public void KeepAtMost(int count, Generation? current) => NewestFirst(current).Skip(count).ToList().ForEach(Remove);

    private IEnumerable<Generation> NewestFirst(Generation? current) =>
        shelf.All().Where(generation => generation.Number < (current?.Number ?? 0));

    private void Remove(Generation generation)
    {
        shelf.Remove(generation, overwrite: false);
        _since.Remove(generation.Number);
    }
}
