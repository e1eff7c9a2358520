using SidecarAgent.Broker.Secrets;

namespace SidecarAgent.Broker.Rotation;

/// <summary>
/// What is going on, in memory: for the metrics, and for those who follow a rotation and want to know when there is
/// something new to read. Nothing is decided on it.
/// </summary>
internal sealed class RotationBoard
{
    private readonly Lock _lock = new();
    private readonly Dictionary<SecretPath, (RotationState State, int Behind)> _open = [];
    private readonly Dictionary<SecretPath, TaskCompletionSource> _followers = [];

    /// <summary>Raised when a rotation is not open any longer.</summary>
    public event Action? Ended;

    /// <summary>The open rotations.</summary>
    public IReadOnlyList<(SecretPath Path, RotationState State, int Behind)> Open
    {
        get
        {
            lock (_lock)
                return [.. _open.Select(entry => (entry.Key, entry.Value.State, entry.Value.Behind))];
        }
    }

    /// <summary>An open rotation was looked at, or has changed.</summary>
    public void Post(SecretPath path, RotationState state, int behind) => Change(path, () => _open[path] = (state, behind));

    /// <summary>No rotation of the path is open any longer.</summary>
    public void Remove(SecretPath path)
    {
        Change(path, () => _open.Remove(path));
        Ended?.Invoke();
    }

    /// <returns>Completes when something about the path's rotation is news. Ask before reading, so that nothing is missed.</returns>
    public Task NextAsync(SecretPath path)
    {
        lock (_lock)
        {
            if (!_followers.TryGetValue(path, out var next))
                _followers.Add(path, next = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            return next.Task;
        }
    }

    private void Change(SecretPath path, Action change)
    {
        lock (_lock)
        {
            change();
            if (_followers.Remove(path, out var followers))
                followers.SetResult();
        }
    }
}
