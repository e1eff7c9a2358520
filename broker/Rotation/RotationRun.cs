using System.Security.Cryptography;
using SidecarAgent.Broker.Audit;
using SidecarAgent.Broker.Secrets;
using SidecarAgent.Broker.Storage;

namespace SidecarAgent.Broker.Rotation;

/// <summary>Carries the rotations of one path on, until none is open.</summary>
internal sealed partial class RotationRun(SecretPath path, RotationSteps steps, TimeProvider clock, ILogger logger)
{
    private readonly LookAgain _look = new(clock);
    private int _failures;

    /// <summary>Something has happened that may matter to the rotation.</summary>
    public void Wake() => _look.Tell();

    /// <param name="end">Asked when no rotation is open any longer: true if it may end, because nobody has woken it since.</param>
    /// <param name="cancellationToken">Stops it where it is; the row remembers.</param>
    public async Task RunAsync(Func<Func<bool>, bool> end, CancellationToken cancellationToken)
    {
        while (true)
        {
            _look.BeginLook();
            var (open, lookAt) = await AdvanceAsync(cancellationToken);
            if (open)
                await _look.WaitAsync(lookAt, cancellationToken);
            else if (end(() => !_look.IsTold))
                return;
        }
    }

    private async Task<(bool Open, DateTimeOffset? LookAt)> AdvanceAsync(CancellationToken cancellationToken)
    {
        try
        {
            var result = await steps.AdvanceAsync(path, cancellationToken);
            _failures = 0;
            return result;
        }
        catch (Exception e) when (e is AuditUnavailableException or StorageUnavailableException)
        {
            return (true, Retry(() => LogUnavailable(path, e.Message)));
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // One secret that cannot be rotated must not take the broker away from all the others.
            return (true, Retry(() => LogUnforeseen(path, e)));
        }
    }

    private DateTimeOffset Retry(Action log)
    {
        if (_failures++ == 0)
            log();
        return clock.GetUtcNow() + RotationBackoff.Delay(_failures, RandomNumberGenerator.GetInt32(1000) / 1000.0);
    }

    [LoggerMessage(LogLevel.Error, "The rotation of {Path} cannot go on now: {Problem}. The broker tries again.")]
    private partial void LogUnavailable(SecretPath path, string problem);

    [LoggerMessage(LogLevel.Error, "The rotation of {Path} failed for a reason that nobody foresaw. This is a bug. The broker tries again.")]
    private partial void LogUnforeseen(SecretPath path, Exception cause);
}
