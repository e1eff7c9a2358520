using System.Runtime.CompilerServices;
using SidecarAgent.Broker.Secrets;
using SidecarAgent.Broker.Telemetry;
using SidecarAgent.Broker.Watch;

namespace SidecarAgent.Broker.Rotation;

/// <summary>What can be wanted of rotations. Whoever wants it has been authorised, and the audit log knows.</summary>
internal sealed class Rotations(
    RotationBook book, RotationRuns runs, RotationScheduler scheduler, Rotators rotators, RotationBoard board,
    RotationMetrics metrics, Watchers watchers, TimeProvider clock)
{
    /// <summary>How long somebody who rotates waits for the new version to be served.</summary>
    private static readonly TimeSpan ServingTime = TimeSpan.FromSeconds(10);

    /// <summary>Looks whether there is anything to rotate. Touches nothing.</summary>
    /// <exception cref="RequestFailedException">There is not.</exception>
    public Task RequireRotatableAsync(SecretPath path, CancellationToken cancellationToken) =>
        rotators.Of(path).RequireRotatableAsync(path, cancellationToken);

    /// <summary>Looks whether operators may say when the secret is rotated.</summary>
    /// <exception cref="RequestFailedException">They may not.</exception>
    public void RequireSchedulable(SecretPath path)
    {
        if (rotators.Schedules.Any(entry => entry.Path == path))
        {
            throw new RequestFailedException(
                ErrorReason.RequestInvalid, $"the broker's configuration says when {path} is rotated", path);
        }
    }

    /// <summary>Begins a rotation, unless one is under way, and waits a little until its new version is served.</summary>
    /// <returns>How it stands, and whether this call began it.</returns>
    public async Task<(RotationStatus Status, bool IsNew)> BeginAsync(
        SecretPath path, string by, TimeSpan overlap, CancellationToken cancellationToken)
    {
        var (_, isNew) = await book.BeginAsync(path, RotationTrigger.Request, by, overlap);
        runs.Begin(path);
        return (await ServedAsync(path, cancellationToken), isNew);
    }

    /// <inheritdoc cref="RotationBook.TaintAsync"/>
    /// <returns>How the rotation stands that replaces what is compromised.</returns>
    public async Task<RotationStatus> TaintAsync(
        SecretPath path, string by, TimeSpan overlap, CancellationToken cancellationToken)
    {
        await book.TaintAsync(path, by, overlap);
        runs.Begin(path);
        return await ServedAsync(path, cancellationToken);
    }

    /// <inheritdoc cref="RotationBook.AbortAsync"/>
    public async Task<SecretRotation> AbortAsync(SecretPath path)
    {
        var aborted = await book.AbortAsync(path);
        metrics.Ended("aborted");
        watchers.WakeSecret(path);
        runs.Wake(path);
        return aborted;
    }

    /// <inheritdoc cref="RotationBook.ResumeAsync"/>
    public async Task<SecretRotation> ResumeAsync(SecretPath path)
    {
        var resumed = await book.ResumeAsync(path);
        runs.Wake(path);
        return resumed;
    }

    /// <inheritdoc cref="RotationBook.StatusAsync(SecretPath, CancellationToken)"/>
    public Task<RotationStatus?> StatusAsync(SecretPath path, CancellationToken cancellationToken) =>
        book.StatusAsync(path, cancellationToken);

    /// <inheritdoc cref="RotationBook.ListAsync"/>
    public Task<List<RotationStatus>> ListAsync(string prefix, bool ended, int limit, CancellationToken cancellationToken) =>
        book.ListAsync(prefix, ended, limit, cancellationToken);

    /// <summary>How the rotation of a secret stands, again and again when there is news, until it is over.</summary>
    /// <exception cref="RequestFailedException">There was none lately.</exception>
    public async IAsyncEnumerable<RotationStatus> FollowAsync(
        SecretPath path, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            var news = board.NextAsync(path);
            var status = await book.StatusAsync(path, cancellationToken)
                ?? throw new RequestFailedException(ErrorReason.RotationNotFound, $"there was no rotation of {path} lately", path);
            yield return status;
            if (status.Rotation.EndedAt is not null)
                yield break;
            await news.WaitAsync(cancellationToken);
        }
    }

    /// <inheritdoc cref="RotationScheduler.FindAsync"/>
    public Task<ScheduledSecret?> ScheduleAsync(SecretPath path, CancellationToken cancellationToken) =>
        scheduler.FindAsync(path, cancellationToken);

    /// <inheritdoc cref="RotationScheduler.SetAsync"/>
    public Task SetScheduleAsync(SecretPath path, RotationSchedule? schedule, string by) =>
        scheduler.SetAsync(path, schedule, by);

    /// <summary>The secret's holders or its served version have changed: its rotation, if one is under way, looks again.</summary>
    public void Wake(SecretPath path) => runs.Wake(path);

    /// <summary>Waits until the new version is served, or until it is clear that this takes longer.</summary>
    private async Task<RotationStatus> ServedAsync(SecretPath path, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(ServingTime, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        while (true)
        {
            var news = board.NextAsync(path);
            var status = (await book.StatusAsync(path, cancellationToken))!;
            var isComing = status.Rotation is { State: RotationState.Preparing, Attempts: 0 }
                or { EndedAt: null, TaintedMeanwhile: true };
            if (!isComing || patience.IsCancellationRequested)
                return status;
            try
            {
                await news.WaitAsync(either.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // It takes longer; the caller is told how far it has got.
            }
        }
    }
}
