namespace SidecarAgent.Webhook.Configuration;

/// <summary>Looks every few seconds whether files have changed. A change that cannot be used is said once, and tried again.</summary>
internal sealed partial class ReloadLoop(IReadOnlyList<FileWatch> watches, TimeProvider time, ILogger<ReloadLoop> logger)
    : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(10);

    private readonly Dictionary<FileWatch, string> _said = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            foreach (var watch in watches)
                Poll(watch);
        }
    }

    private void Poll(FileWatch watch)
    {
        try
        {
            if (watch.Poll())
                LogReloaded(string.Join(", ", watch.Paths));
            _said.Remove(watch);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            if (_said.TryGetValue(watch, out var said) && said == e.Message)
                return;
            _said[watch] = e.Message;
            LogNotReloaded(e.Message);
        }
    }

    [LoggerMessage(LogLevel.Information, "Read again after a change: {Files}")]
    private partial void LogReloaded(string files);

    [LoggerMessage(LogLevel.Error, "A changed file cannot be used, so what was read before stays in use: {Problem}")]
    private partial void LogNotReloaded(string problem);
}
