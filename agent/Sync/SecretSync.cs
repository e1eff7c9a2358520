using Microsoft.Extensions.Logging;
using SidecarAgent.Agent.Connection;
using SidecarAgent.Agent.Files;
using SidecarAgent.Agent.Leases;
using SidecarAgent.Agent.Reload;
using SidecarAgent.Agent.Rendering;
using SidecarAgent.Agent.Telemetry;
using SidecarAgent.V1;

namespace SidecarAgent.Agent.Sync;

/// <summary>
/// Turns what the broker says into files: everything that can fail is done first, then one generation is written, then the
/// state follows. Used by one loop; <see cref="Status"/> and <see cref="AskAnew"/> by anybody.
/// </summary>
internal sealed partial class SecretSync
{
    /// <summary>Values that are needed again may have changed while they were fetched; more than twice is not chance.</summary>
    private const int MaxRefetches = 2;

    private readonly Projection _projection;
    private readonly CurrentFiles _current;
    private readonly BrokerConnection _broker;
    private readonly LeaseBook _leases;
    private readonly AgentMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger _log;

    private FilePlan _plan;
    private volatile SecretLedger _ledger;

    /// <summary>The current generation was made by this configuration.</summary>
    private bool _isMine;

    private volatile SyncStatus _status = SyncStatus.Unknown;

    public SecretSync(
        FilePlan plan,
        SecretLedger ledger,
        MountDirectory mount,
        Projection projection,
        BrokerConnection broker,
        LeaseBook leases,
        AgentMetrics metrics,
        TimeProvider time,
        ILogger<SecretSync> log)
    {
        _plan = plan;
        _ledger = ledger;
        _projection = projection;
        _current = new CurrentFiles(mount, projection);
        _broker = broker;
        _leases = leases;
        _metrics = metrics;
        _time = time;
        _log = log;
        Resume();
        Look();
    }

    /// <summary>As it is at this moment: the mount is looked at.</summary>
    public SyncStatus Status => _status.LookedAtAgain(_projection);

    /// <summary>
    /// What an earlier process that wrote the files may not have come to: it was killed before, or the broker was away. Saying
    /// the same thing twice is fine; a rotation would wait for what is never said until its deadline.
    /// </summary>
    public Applied Unfinished { get; private set; } = Applied.Nothing;

    /// <summary>How many files are wanted.</summary>
    public int Files => _plan.Files.Count;

    /// <summary>What to ask the broker for, given what is on disk.</summary>
    public IEnumerable<SecretRequest> Requests() => _ledger.Requests();

    /// <summary>The next request names no lease of these secrets: theirs can go on no longer.</summary>
    public void AskAnew(IEnumerable<string> paths)
    {
        var ledger = _ledger;
        foreach (var path in paths.Where(ledger.Knows))
            ledger[path].AskAnew = true;
    }

    /// <summary>Applies updates that belong together, whole or not at all.</summary>
    /// <exception cref="Grpc.Core.RpcException">Values that are needed again could not be fetched; the files are as they were.</exception>
    /// <exception cref="TokenException">The same.</exception>
    public async Task<Applied> ApplyAsync(IEnumerable<SecretUpdate> updates, CancellationToken cancellationToken)
    {
        _ledger.Take(updates);
        var fates = Fates();
        for (var round = 0; round < MaxRefetches && MissingValues(fates) is { Count: > 0 } missing; round++)
        {
            LogRefetch(new Counted(missing.Count, "secret"));
            var again = new FetchRequest { Secrets = { missing.Select(_ledger.RequestAgain) } };
            _ledger.Take((await _broker.FetchAsync(again, cancellationToken)).Updates);
            fates = Fates();
        }

        var applied = Apply(fates);
        Look();
        return applied;
    }

    private void Look() => _status = SyncStatus.Of(_status, _plan, _ledger, _projection, _time.GetUtcNow());

    /// <summary>Goes on from the manifest of an earlier process, if the files that it speaks of are there.</summary>
    private void Resume()
    {
        if (!_current.Any || Manifest.Parse(_projection.ReadManifest()) is not { } manifest)
            return;
        var held = manifest.Secrets.Select(secret => secret.Path).ToHashSet(StringComparer.Ordinal);
        _isMine = manifest.Fingerprint == _plan.Fingerprint
            && _plan.Files.Where(file => file.Secrets.All(held.Contains)).All(file => _current.Contains(file.Path));
        _ledger.Resume(manifest, _isMine);
        if (!_isMine)
            return;
        var mine = manifest.Secrets.Where(secret => _ledger.Knows(secret.Path));
        Unfinished = new Applied
        {
            Written = _projection.Current,
            Tell = manifest.Told ? [] : Targets(_plan.Files),
            Acknowledge = [.. mine.Select(Acknowledgements.Applied)],
        };
    }

    private List<(PlannedFile File, FileFate Fate)> Fates() =>
    [
        .. _plan.Files.Select(file => (file, FileFateRule.Decide(
            [.. file.Secrets.Select(path => (_ledger[path].Standing, _ledger.HasArrived(path)))],
            _plan.OnRevoke,
            _isMine && _current.Contains(file.Path)))),
    ];

    /// <summary>Secrets that are held, whose values are needed again and are not at hand.</summary>
    private List<string> MissingValues(IEnumerable<(PlannedFile File, FileFate Fate)> fates) =>
    [
        .. fates
            .Where(file => file.Fate is FileFate.Render)
            .SelectMany(file => file.File.Secrets)
            .Where(path => _ledger.ValuesOf(path) is null)
            .Distinct(StringComparer.Ordinal),
    ];

    private Applied Apply(List<(PlannedFile File, FileFate Fate)> fates)
    {
        // A configuration's first generation comes when all of its files can be made.
        if (!_isMine && fates.Exists(file => file.Fate is FileFate.Await))
            return Applied.Nothing;
        var isNews = _ledger.Arrived.Count > 0
            || fates.Exists(file => file.Fate is FileFate.Render)
            || fates.Exists(file => file.Fate is FileFate.Remove && _current.Contains(file.File.Path));
        if (!isNews)
            return Applied.Nothing;
        if (MissingValues(fates) is { Count: > 0 } missing)
            return Reject("VALUES_MISSING", $"the values of {string.Join(", ", missing)} are needed again and were not given", tryAgain: true);
        try
        {
            return Write(fates);
        }
        catch (RenderException error)
        {
            _metrics.RenderFailed();
            return Reject("RENDER_FAILED", error.Message, tryAgain: false);
        }
        catch (MountException error)
        {
            Withdraw(fates);
            return Reject("NOT_WRITTEN", error.Message, tryAgain: true);
        }
    }

    /// <summary>What was taken away must go even where no generation can be written without it.</summary>
    private void Withdraw(List<(PlannedFile File, FileFate Fate)> fates)
    {
        var files = fates.Where(file => file.Fate is FileFate.Remove && _current.Contains(file.File.Path)).Select(file => file.File.Path).ToList();
        if (files.Count == 0)
            return;
        try
        {
            _projection.Withdraw(files);
            LogWithdrawn(string.Join(", ", files));
        }
        catch (MountException error)
        {
            LogNotWithdrawn(string.Join(", ", files), error.Message);
        }
    }

    private SecretSet Values() =>
        new(_plan.Secrets.Select(secret => _ledger.ValuesOf(secret.Path)).OfType<SecretData>());

    private Applied Write(List<(PlannedFile File, FileFate Fate)> fates)
    {
        using var draft = GenerationDraft.Make(fates, Values(), _current);
        var before = _projection.Current;
        var removes = fates.Exists(file => file.Fate is FileFate.Remove && _current.Contains(file.File.Path));
        // Nobody is there to be told of the first one: the application starts after it.
        var tell = before is null ? [] : Targets(draft.Changed);
        // What is not told of the generation before is not told by this one either.
        var told = tell.Count == 0 && Manifest.Parse(_projection.ReadManifest())?.Told != false;
        var generation = _projection.Write(draft.Files, Manifest.Next(_plan.Fingerprint, _ledger, _leases, told).ToJson());
        var isNew = generation != before;
        var acknowledgements = _ledger.Arrived.Select(Acknowledgements.Applied).ToList();
        if (isNew)
            Observe(generation);
        _isMine = true;
        _ledger.Commit();
        if (removes)
            _projection.RemoveSuperseded(TimeSpan.Zero);
        Look();
        if (isNew)
            LogWritten(generation.Number, new Counted(draft.Files.Count, "file"), draft.Changed.Count);
        return new Applied
        {
            Written = isNew ? generation : null,
            Tell = isNew ? tell : [],
            Acknowledge = acknowledgements,
        };
    }

    private void Observe(Generation generation)
    {
        var now = _time.GetUtcNow();
        foreach (var received in _ledger.Arrived)
        {
            if (received.ActivatedAt is { } activated && _ledger[received.Path].Version is > 0 and var held && held < received.Data.Version)
                _metrics.Rotated(now - activated);
        }
    }

    private List<Notification> Targets(IReadOnlyList<PlannedFile> changed) => changed.Count == 0
        ? []
        : [.. changed.Select(file => file.Notify).Append(_plan.Notify).OfType<Notification>().Distinct()];

    private Applied Reject(string reason, string message, bool tryAgain)
    {
        LogRejected(message);
        var acknowledgements = _ledger.Arrived.Select(received => Acknowledgements.Rejected(received, message)).ToList();
        _ledger.Reject(reason, message);
        return new Applied { Acknowledge = acknowledgements, Rejected = message, TryAgain = tryAgain };
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Generation {Number} is on disk: {Files}, {Changed} new or changed")]
    private partial void LogWritten(long number, Counted files, int changed);

    [LoggerMessage(Level = LogLevel.Warning, Message = "No generation could be written without what was taken away, so it was removed from the current one: {Files}")]
    private partial void LogWithdrawn(string files);

    [LoggerMessage(Level = LogLevel.Error, Message = "What was taken away could not be removed: {Files}: {Problem}")]
    private partial void LogNotWithdrawn(string files, string problem);

    [LoggerMessage(Level = LogLevel.Error, Message = "A new version was not used, the files stay as they were: {Reason}")]
    private partial void LogRejected(string reason);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Asking again for the values of {Secrets} that a changed file needs too")]
    private partial void LogRefetch(Counted secrets);
}
