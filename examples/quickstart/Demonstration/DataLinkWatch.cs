namespace SidecarAgent.Quickstart.Demonstration;

/// <summary>Notes when the files of a mount were changed: the rename of <c>..data</c>, seen through inotify.</summary>
internal sealed class DataLinkWatch : IDisposable
{
    private readonly FileSystemWatcher _watcher;
    private readonly TaskCompletionSource<DateTimeOffset> _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Watches from now on.</summary>
    public DataLinkWatch(string directory, TimeProvider time)
    {
        _watcher = new FileSystemWatcher(directory) { NotifyFilter = NotifyFilters.DirectoryName | NotifyFilters.FileName };
        _watcher.Renamed += (_, e) => Note(e.Name);
        _watcher.Created += (_, e) => Note(e.Name);
        _watcher.EnableRaisingEvents = true;

        void Note(string? name)
        {
            if (name == "..data")
                _changed.TrySetResult(time.GetUtcNow());
        }
    }

    /// <summary>When the first change after the beginning of the watch was seen.</summary>
    public Task<DateTimeOffset> Changed => _changed.Task;

    public void Dispose() => _watcher.Dispose();
}
