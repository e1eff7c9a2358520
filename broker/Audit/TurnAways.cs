namespace SidecarAgent.Broker.Audit;

/// <summary>
/// Decides which of the callers that are turned away the audit log names. It costs nothing to call without a good token,
/// and every entry costs disk and an fsync that those wait for who may come in: so of each reason the first few of a
/// minute are named, and the rest are counted.
/// </summary>
internal sealed class TurnAways(TimeProvider clock)
{
    public const int NamedPerMinute = 10;

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Window> _windows = new(StringComparer.Ordinal);

    /// <param name="reason">One of a few: a label value of the metric.</param>
    /// <returns>Whether this one gets an entry of its own; otherwise it is counted.</returns>
    public bool IsNamed(string reason)
    {
        lock (_lock)
        {
            var now = clock.GetTimestamp();
            if (!_windows.TryGetValue(reason, out var window) || IsOver(window, now))
                window = new Window(now, 0, window.Unnamed);
            var isNamed = window.Named < NamedPerMinute;
            _windows[reason] = isNamed
                ? window with { Named = window.Named + 1 }
                : window with { Unnamed = window.Unnamed + 1 };
            return isNamed;
        }
    }

    /// <summary>Takes what was counted in minutes that are over.</summary>
    public IReadOnlyList<(string Reason, long Callers)> TakeUnnamed()
    {
        lock (_lock)
        {
            var now = clock.GetTimestamp();
            var over = _windows.Where(window => window.Value.Unnamed > 0 && IsOver(window.Value, now))
                .Select(window => (window.Key, window.Value.Unnamed)).ToList();
            foreach (var (reason, _) in over)
                _windows.Remove(reason);
            return over;
        }
    }

    /// <summary>Gives back what was taken and could not be written.</summary>
    public void Return(IReadOnlyList<(string Reason, long Callers)> unnamed)
    {
        lock (_lock)
        {
            foreach (var (reason, callers) in unnamed)
            {
                var window = _windows.GetValueOrDefault(reason, new Window(clock.GetTimestamp(), 0, 0));
                _windows[reason] = window with { Unnamed = window.Unnamed + callers };
            }
        }
    }

    private bool IsOver(Window window, long now) => clock.GetElapsedTime(window.Start, now) >= Minute;

    private readonly record struct Window(long Start, int Named, long Unnamed);
}
