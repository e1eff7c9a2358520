using System.Threading.Channels;
using SidecarAgent.Broker.Configuration;
using SidecarAgent.Yaml;

namespace SidecarAgent.Broker.Policy;

/// <summary>
/// The policies of a directory, kept in step with it. All its files are in force, or, while any of them is bad, those
/// that were in force before.
/// </summary>
internal sealed partial class PolicySource
{
    /// <summary>Looks without being told: not every file system tells.</summary>
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long the files must stand still before they are taken, so that a half-saved file, or half of a ConfigMap's
    /// change, does not take grants away for a moment.
    /// </summary>
    private static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(200);

    private readonly string _directory;
    private readonly LeaseOptions _defaults;
    private readonly TimeProvider _clock;
    private readonly ILogger<PolicySource> _logger;
    private IReadOnlyList<PolicyFile> _files;
    private volatile PolicySet _current;
    private volatile string? _lastProblem;

    /// <param name="directory">Its <c>*.yaml</c> and <c>*.yml</c> are the policy files.</param>
    /// <param name="defaults">For grants that say nothing about time.</param>
    /// <param name="clock">For the waits.</param>
    /// <param name="logger">Where a bad file is reported.</param>
    /// <exception cref="InvalidYamlException">The files cannot be used: at start that is fatal.</exception>
    /// <exception cref="IOException">The directory or a file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The directory or a file may not be read.</exception>
    public PolicySource(string directory, LeaseOptions defaults, TimeProvider clock, ILogger<PolicySource> logger)
    {
        _directory = directory;
        _defaults = defaults;
        _clock = clock;
        _logger = logger;
        _files = PolicyDirectory.Read(directory);
        _current = PolicySet.Parse(_files, defaults);
        LogLoaded(_current.Size, Files(_files), directory);
    }

    /// <summary>The policies in force.</summary>
    public PolicySet Current => _current;

    /// <summary>Why the directory's present state is not in force; null: it is.</summary>
    public string? LastProblem => _lastProblem;

    /// <summary>Policies that are not in force, read as those of the directory are.</summary>
    /// <exception cref="InvalidYamlException">Everything that is wrong with them.</exception>
    public PolicySet Parse(IReadOnlyList<PolicyFile> files) => PolicySet.Parse(files, _defaults);

    /// <summary>Other policies are in force now. Raised by <see cref="RunAsync"/>, which waits for the handlers.</summary>
    public event Action<PolicySet>? Changed;

    /// <summary>The directory changed, but not to something that can be used. Raised by <see cref="RunAsync"/>.</summary>
    public event Action<string>? Rejected;

    /// <summary>Watches the directory until it is cancelled; then it throws.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var news = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        using var watcher = Watch(() => news.Writer.TryWrite(true));
        await using var poll = _clock.CreateTimer(_ => news.Writer.TryWrite(true), null, TimeSpan.Zero, Poll);
        while (true)
        {
            await news.Reader.ReadAsync(cancellationToken);
            var before = _current;
            var problem = await LookAsync(cancellationToken);
            var known = Interlocked.Exchange(ref _lastProblem, problem);
            if (problem is not null && problem != known)
            {
                LogRejected(problem, _directory);
                Rejected?.Invoke(problem);
            }

            if (_current != before)
                Changed?.Invoke(_current);
        }
    }

    /// <summary>Not knowing when to look is no reason to stop: the poll still does.</summary>
    private FileSystemWatcher? Watch(Action changed)
    {
        try
        {
            var watcher = new FileSystemWatcher(_directory);
            watcher.Changed += (_, _) => changed();
            watcher.Created += (_, _) => changed();
            watcher.Deleted += (_, _) => changed();
            watcher.Renamed += (_, _) => changed();
            watcher.Error += (_, _) => changed();
            watcher.EnableRaisingEvents = true;
            return watcher;
        }
        catch (Exception e) when (e is IOException or ArgumentException)
        {
            LogNotWatched(e, _directory, Poll);
            return null;
        }
    }

    /// <summary>Puts what the directory holds in force.</summary>
    /// <returns>Why it cannot; null: it is in force.</returns>
    private async Task<string?> LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            var files = PolicyDirectory.Read(_directory);
            while (!files.SequenceEqual(_files))
            {
                await Task.Delay(Settling, _clock, cancellationToken);
                var again = PolicyDirectory.Read(_directory);
                if (again.SequenceEqual(files))
                    Take(files, PolicySet.Parse(files, _defaults));
                files = again;
            }

            return null;
        }
        catch (Exception e) when (e is InvalidYamlException or IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }

    private void Take(IReadOnlyList<PolicyFile> files, PolicySet policies)
    {
        _files = files;
        _current = policies;
        LogLoaded(policies.Size, Files(files), _directory);
    }

    private static string Files(IReadOnlyList<PolicyFile> files) => files.Count == 1 ? "1 file" : $"{files.Count} files";
}
