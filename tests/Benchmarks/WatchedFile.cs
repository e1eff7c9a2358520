using System.Threading.Channels;

namespace SidecarAgent.Benchmarks;

/// <summary>A projected file, watched as an application would: inotify on the mount, then a look at the file.</summary>
internal sealed class WatchedFile : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private readonly FileSystemWatcher _watcher;
    private readonly string _file;

    public WatchedFile(string mount, string name)
    {
        _file = Path.Combine(mount, name);
        _watcher = new FileSystemWatcher(mount);
        _watcher.Created += (_, _) => _changes.Writer.TryWrite(true);
        _watcher.Renamed += (_, _) => _changes.Writer.TryWrite(true);
        _watcher.EnableRaisingEvents = true;
    }

    /// <summary>Returns when the file's text ends like this.</summary>
    public async Task WaitForAsync(string end, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(Timeout, TimeProvider.System);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        while (!(await ReadAsync(linked.Token)).EndsWith(end, StringComparison.Ordinal))
            await _changes.Reader.ReadAsync(linked.Token);
    }

    /// <summary>Nothing where the file is not there yet, or its name is and the first generation behind it is not.</summary>
    private async Task<string> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await File.ReadAllTextAsync(_file, cancellationToken);
        }
        catch (FileNotFoundException)
        {
            return "";
        }
    }

    public void Dispose() => _watcher.Dispose();
}
