using Mono.Unix.Native;

namespace SidecarAgent.Agent.Files;

/// <summary>
/// The files that the application sees, written as one set. A program that follows <c>..data</c> finds one generation,
/// whole. Generations that were replaced stay for slow readers until <see cref="RemoveSuperseded"/>, or until the room is
/// needed: of those, the latest always stays. Safe to call from several threads.
/// </summary>
internal sealed class Projection
{
    /// <summary>What a storm of rotations may leave behind in a volume without limits.</summary>
    private const int MostSuperseded = 64;

    private readonly Lock _gate = new();
    private readonly MountDirectory _mount;
    private readonly uint _group;
    private readonly TimeProvider _time;
    private readonly GenerationShelf _shelf;
    private readonly VisibleLinks _links;
    private readonly SupersededGenerations _superseded;
    private volatile Generation? _current;
    private long _lastNumber;

    private Projection(MountDirectory mount, uint group, TimeProvider time)
    {
        _mount = mount;
        _group = group;
        _time = time;
        _shelf = new GenerationShelf(mount);
        _links = new VisibleLinks(mount);
        _superseded = new SupersededGenerations(_shelf, time);
    }

    /// <summary>The set that the application sees; null: none yet.</summary>
    public Generation? Current => _current;

    /// <summary>Takes the mount for this process and repairs what a crash left behind.</summary>
    /// <param name="mount">Stays the caller's to dispose, which also lets others write there.</param>
    /// <param name="group">Group id of all files and directories; null: the agent's own.</param>
    /// <param name="time">Names generations and ages superseded ones.</param>
    /// <exception cref="MountException">Another agent writes there, or foreign content is in the way.</exception>
    public static Projection Open(MountDirectory mount, uint? group, TimeProvider time)
    {
        mount.Claim();
        var projection = new Projection(mount, group ?? Syscall.getegid(), time) { _current = CrashRepair.Run(mount) };
        projection._superseded.Observe(projection._current);
        return projection;
    }

    /// <summary>What the last <see cref="Write"/> was given, by this or an earlier process; empty: no generation.</summary>
    public byte[] ReadManifest()
    {
        lock (_gate)
        {
            if (_current is null)
                return [];
            using var directory = _shelf.Open(_current);
            return ManifestFile.Read(directory);
        }
    }

    /// <summary>Puts another manifest into the current generation, unless it has another one than this by now.</summary>
    /// <param name="expected">As <see cref="ReadManifest"/> gave it.</param>
    /// <param name="next">At most <see cref="ManifestFile.MaxBytes"/>.</param>
    /// <returns>False: it has another one, or there is no generation.</returns>
    /// <exception cref="MountException">The old one stays.</exception>
    public bool ReplaceManifest(ReadOnlySpan<byte> expected, ReadOnlySpan<byte> next)
    {
        lock (_gate)
        {
            if (_current is null)
                return false;
            using var directory = _shelf.Open(_current);
            if (!ManifestFile.Read(directory).AsSpan().SequenceEqual(expected))
                return false;
            ManifestFile.Replace(directory, _group, next, sync: !_mount.IsMemory);
            return true;
        }
    }

    /// <summary>
    /// Removes files from the current generation in place, and all superseded generations: for what must go at once in a
    /// volume in which nothing can be written. The next <see cref="Write"/> puts the rest in order.
    /// </summary>
    public void Withdraw(IEnumerable<FilePath> paths)
    {
        lock (_gate)
        {
            _superseded.RemoveOlderThan(_current, TimeSpan.Zero);
            if (_current is null)
                return;
            using var directory = _shelf.Open(_current);
            foreach (var path in paths)
                GenerationRemoval.Withdraw(directory, [.. path.Names]);
            _links.RemoveAllBut(GenerationContent.TopNames(directory));
        }
    }

    /// <summary>
    /// Makes these files, and no others, what the application sees.
    /// <list type="number">
    /// <item>Refuse a set that cannot be written, before anything is touched.</item>
    /// <item>Repair what an earlier failure left behind; refuse foreign content under a name that is needed.</item>
    /// <item>Where only the manifest differs, replace that and be done.</item>
    /// <item>Make room: superseded generations go, oldest first. Still none: refuse, and say how much is missing.</item>
    /// <item>Run the steps of <see cref="GenerationSwap"/>; if one fails before the swap, clear up behind it.</item>
    /// </list>
    /// </summary>
    /// <param name="files">May be none.</param>
    /// <param name="manifest">Comes back from <see cref="ReadManifest"/>; at most <see cref="ManifestFile.MaxBytes"/>.</param>
    /// <returns>The new generation; the present one where nothing but the manifest differs.</returns>
    /// <exception cref="MountException">The application sees what it saw before.</exception>
    public Generation Write(IReadOnlyList<ProjectedFile> files, ReadOnlyMemory<byte> manifest)
    {
        Refuse(files, manifest.Length); // 1
        lock (_gate)
        {
            _current = CrashRepair.Run(_mount); // 2
            var next = Generation.Create(Math.Max(_shelf.NextNumber(), _lastNumber + 1), _time.GetUtcNow());
            var plan = new GenerationPlan(_current, next, files, manifest, _group);
            _links.RefuseForeign(plan.TopNames);
            if (_current is not null && TryKeep(_current, plan)) // 3
                return _current;
            var needed = MakeRoom(plan); // 4
            Run(new GenerationSwap(_mount, plan), needed); // 5
            _current = next;
            _lastNumber = next.Number;
            _superseded.Add(_current, MostSuperseded);
            return next;
        }
    }

    /// <summary>
    /// Removes generations that were replaced at least this long ago. Programs that have a file of theirs open can read on.
    /// </summary>
    /// <param name="age">Zero: all but the current one.</param>
    /// <returns>How many went.</returns>
    public int RemoveSuperseded(TimeSpan age)
    {
        lock (_gate)
            return _superseded.RemoveOlderThan(_current, age);
    }

    /// <summary>
    /// Removes everything that is ours: first the names, so that nobody opens a file any more, then the contents, after
    /// zeros were written over them. Foreign content stays.
    /// </summary>
    public void Scrub()
    {
        lock (_gate)
        {
            _shelf.RemoveCurrentLink();
            _current = null;
            _links.RemoveNext();
            _links.RemoveAllBut(new HashSet<string>());
            foreach (var generation in _shelf.All())
                _shelf.Remove(generation, overwrite: true);
        }
    }

    /// <summary>Whether an application that opens this path now finds a file of the current generation.</summary>
    public bool Contains(FilePath path)
    {
        lock (_gate)
        {
            if (_current is null || _shelf.Current() != _current || !_links.IsOurs(path.Top))
                return false;
            using var directory = _shelf.Open(_current);
            return GenerationContent.Contains(directory, [.. path.Names]);
        }
    }

    private static void Refuse(IReadOnlyList<ProjectedFile> files, int manifestLength)
    {
        var problems = FileConflicts.Find(files.Select(file => file.Path))
            .Concat(files.Select(file => (file.Path, Problem: ProjectedFile.ModeProblem(file.Mode)))
                .Where(mode => mode.Problem is not null).Select(mode => $"mode of '{mode.Path}': {mode.Problem}"))
            .ToList();
        if (manifestLength > ManifestFile.MaxBytes)
            problems.Add($"the manifest has {manifestLength} bytes, at most {ManifestFile.MaxBytes} are possible");
        if (problems.Count > 0)
            throw new MountException(string.Join("; ", problems));
    }

    private bool TryKeep(Generation current, GenerationPlan plan)
    {
        using var directory = _shelf.Open(current);
        if (!GenerationContent.Matches(directory, plan.Files, _group))
            return false;
        ManifestFile.Replace(directory, _group, plan.Manifest.Span, sync: !_mount.IsMemory);
        return true;
    }

    private Room MakeRoom(GenerationPlan plan)
    {
        var needed = Room.For(plan.Files, plan.Manifest.Length, _mount.BlockSize);
        while (!needed.FitsInto(_mount.Free()))
        {
            if (!_superseded.RemoveOldest(_current))
                throw Full(needed);
        }

        return needed;
    }

    private void Run(GenerationSwap swap, Room needed)
    {
        try
        {
            foreach (var step in swap.Steps())
                step.Run();
        }
        catch (MountException error)
        {
            _current = CrashRepair.Run(_mount);
            if (error.IsFull)
                throw Full(needed);
            throw;
        }
    }

    private MountException Full(Room needed)
    {
        var free = _mount.Free();
        var shortage = needed.Bytes > free.Bytes || needed.Entries <= free.Entries
            ? $"the files need {needed.Bytes} bytes and {free.Bytes} are free"
            : $"the files need {needed.Entries} inodes and {free.Entries} are free";
        return new MountException(
            $"{_mount.Path} is full: {shortage}; what was there stays. "
            + "Give the volume more room (annotation sidecar-agent.io/volume-size)");
    }
}
