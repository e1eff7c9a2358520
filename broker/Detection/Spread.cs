using System.Collections.Immutable;

namespace SidecarAgent.Broker.Detection;

/// <summary>
/// How many different secrets one workload has asked for lately. Pods ask for the same few secrets again and again; who
/// has come by a workload's token looks what it opens. Pure.
/// </summary>
/// <param name="Since">When the count began.</param>
/// <param name="Paths">Hashes of the paths, at most as many as are usual and one more.</param>
internal sealed record Spread(DateTimeOffset Since, ImmutableHashSet<int> Paths)
{
    /// <param name="before">What is known of the workload; null: nothing.</param>
    /// <param name="path">Hash of what it asks for now.</param>
    /// <param name="now">The time.</param>
    /// <param name="most">So many are usual.</param>
    /// <param name="within">In this time.</param>
    /// <returns>What is known then, and whether just this one is one too many: true once in the time.</returns>
    public static (Spread After, bool IsUnusual) Note(Spread? before, int path, DateTimeOffset now, int most, TimeSpan within)
    {
        var current = before is null || before.IsOver(now, within) ? new Spread(now, []) : before;
        if (current.Paths.Count > most)
            return (current, false);
        var after = current with { Paths = current.Paths.Add(path) };
        return (after, after.Paths.Count > most);
    }

    public bool IsOver(DateTimeOffset now, TimeSpan within) => now - Since >= within || now < Since;
}
