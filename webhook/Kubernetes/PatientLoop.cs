using System.Security.Cryptography;

namespace SidecarAgent.Webhook.Kubernetes;

/// <summary>
/// Does one thing again and again. When the API server does not do its part, says so once, waits longer each time, and says
/// when it works again. Everything else that is thrown ends the loop, and with it the program.
/// </summary>
/// <param name="what">What is tried, for the log: "The certificate cannot be looked after".</param>
internal sealed partial class PatientLoop(string what, TimeProvider time, ILogger logger)
{
    private const int Steps = 1 << 16;
    private string? _said;

    /// <param name="roundAsync">Returns how long to wait until the next.</param>
    /// <param name="failed">Called with each problem of the API server.</param>
    /// <param name="cancellation">Ends the loop.</param>
    public async Task RunAsync(
        Func<CancellationToken, Task<TimeSpan>> roundAsync, Action<ApiException> failed, CancellationToken cancellation)
    {
        var failures = 0;
        while (true)
        {
            TimeSpan wait;
            try
            {
                wait = await roundAsync(cancellation);
                failures = 0;
                Worked();
            }
            catch (ApiException e)
            {
                failures++;
                wait = Backoff.After(failures, RandomNumberGenerator.GetInt32(Steps) / (double)Steps);
                failed(e);
                Say(e);
            }

            await Task.Delay(wait, time, cancellation);
        }
    }

    private void Worked()
    {
        if (_said is not null)
            LogWorks(what);
        _said = null;
    }

    private void Say(ApiException problem)
    {
        // Two replicas met; the next round reads what the other wrote.
        if (problem.IsConflict || _said == problem.Message)
            return;
        _said = problem.Message;
        LogFailed(what, problem.Message);
    }

    [LoggerMessage(LogLevel.Error, "{What} for now, and is tried again: {Problem}")]
    private partial void LogFailed(string what, string problem);

    [LoggerMessage(LogLevel.Information, "Works again. Before: {What}")]
    private partial void LogWorks(string what);
}
