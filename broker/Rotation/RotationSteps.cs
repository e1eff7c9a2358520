using System.Collections.Concurrent;
using System.Security.Cryptography;
using SidecarAgent.Broker.Audit;
using SidecarAgent.Broker.Crypto;
using SidecarAgent.Broker.Engines.Accounts;
using SidecarAgent.Broker.Secrets;
using SidecarAgent.Broker.Storage;
using SidecarAgent.Broker.Telemetry;
using SidecarAgent.Broker.Watch;

namespace SidecarAgent.Broker.Rotation;

/// <summary>
/// Reads the facts of a rotation, has the rule decide, and does what it says: audit first, then the effect, then the row,
/// so that a crash between any two of them is repaired by deciding again.
/// </summary>
internal sealed partial class RotationSteps(
    Database database,
    Rotators rotators,
    Watchers watchers,
    AuditLog audit,
    RotationBoard board,
    RotationMetrics metrics,
    TimeProvider clock,
    ILogger<RotationSteps> logger) : IDisposable
{
    /// <summary>So many rotations ask one server at a time. Each mount has its own places: a server that hangs takes no other's.</summary>
    private const int AtOnce = 4;

    private readonly ConcurrentDictionary<string, SemaphoreSlim> _outside = new();

    /// <summary>Takes all steps that can be taken now.</summary>
    /// <returns>Whether a rotation of the path is open still, and when to look again though nothing was heard.</returns>
    /// <exception cref="AuditUnavailableException">The step was not taken.</exception>
    /// <exception cref="StorageUnavailableException">The step was not taken, or is not known to have been.</exception>
    public async Task<(bool Open, DateTimeOffset? LookAt)> AdvanceAsync(SecretPath path, CancellationToken cancellationToken)
    {
        while (await ReadAsync(path, cancellationToken) is { } facts)
        {
            board.Post(path, facts.Rotation.State, facts.Rotation.ActivatedAt is null ? 0 : facts.Progress.Behind);
            var step = rotators.Find(path) is null
                ? new RotationStep.Fail("the configuration does not rotate it any longer; an old credential may still work")
                : RotationRule.Decide(clock.GetUtcNow(), facts);
            if (step is RotationStep.Wait wait)
                return (true, wait.Until);

            // Where somebody has changed the row meanwhile, nothing was written, and the next turn decides anew.
            await TakeAsync(step, facts, cancellationToken);
        }

        board.Remove(path);
        return (false, null);
    }

    public void Dispose()
    {
        foreach (var places in _outside.Values)
            places.Dispose();
    }

    private Task<RotationFacts?> ReadAsync(SecretPath path, CancellationToken cancellationToken)
    {
        var grace = rotators.Find(path)?.Grace(path);
        return database.ReadAsync(
            async session =>
            {
                if (await RotationTable.OpenAsync(session, path, cancellationToken) is not { } rotation)
                    return null;
                var head = await SecretTable.HeadAsync(session, path, cancellationToken);
                var progress = await RotationTable.ProgressAsync(
                    session, path, rotation.ServedVersion, clock.GetUtcNow(), cancellationToken);
                return new RotationFacts(
                    rotation, head?.ActiveVersion ?? 0, progress, grace is not null, grace ?? TimeSpan.Zero);
            },
            cancellationToken);
    }

    private Task TakeAsync(RotationStep step, RotationFacts facts, CancellationToken cancellationToken)
    {
        var rotation = facts.Rotation with { Attempts = 0, RetryAt = null, Reason = null };
        return step switch
        {
            RotationStep.Prepare => TryAsync(facts.Rotation, () => PrepareAsync(rotation, cancellationToken), cancellationToken),
            RotationStep.Activate => ActivateAsync(rotation, cancellationToken),
            RotationStep.Hold hold => HoldAsync(rotation, hold.Reason, cancellationToken),
            RotationStep.GoOn goOn => SaveAsync(
                rotation with { State = RotationState.Waiting, Deadline = goOn.Deadline }, cancellationToken),
            RotationStep.Converge => ConvergeAsync(rotation, cancellationToken),
            RotationStep.BeginRevoking begin => BeginRevokingAsync(rotation, begin.LeftBehind, cancellationToken),
            RotationStep.RevokeOld => TryAsync(facts.Rotation, () => RevokeOldAsync(rotation, cancellationToken), cancellationToken),
            RotationStep.Finish finish => FinishAsync(rotation, finish.LeftBehind, facts.RevokesOutside, cancellationToken),
            RotationStep.Fail fail => FailAsync(rotation, fail.Reason, cancellationToken),
            _ => throw new InvalidOperationException($"No way to take the step {step.GetType().Name}."),
        };
    }

    /// <summary>A step outside. What may work later is tried again later; what cannot work ends the rotation.</summary>
    private async Task TryAsync(SecretRotation rotation, Func<Task> step, CancellationToken cancellationToken)
    {
        try
        {
            await step();
        }
        catch (RequestFailedException e)
        {
            await FailAsync(rotation, e.Message, cancellationToken);
        }
        // A key service that is away keeps nothing from being revoked, either: every other attempt at what is tainted is that.
        catch (Exception e) when (e is AccountServerException or KeyUnavailableException)
        {
            var attempts = rotation.Attempts + 1;
            var delay = RotationBackoff.Delay(attempts, RandomNumberGenerator.GetInt32(1000) / 1000.0);
            LogRetry(rotation.Path, attempts, e.Message, delay);
            await SaveAsync(
                rotation with { Attempts = attempts, RetryAt = clock.GetUtcNow() + delay, Reason = e.Message }, cancellationToken);
        }
    }

    private async Task PrepareAsync(SecretRotation rotation, CancellationToken cancellationToken)
    {
        var rotator = rotators.Of(rotation.Path);
        await AuditAsync(AuditAction.Prepare, rotation, null, null, cancellationToken);
        var places = Places(rotation.Path);
        await places.WaitAsync(cancellationToken);
        try
        {
            var by = rotation.By.Length == 0 ? "schedule" : rotation.By;
            var version = await rotator.PrepareAsync(rotation, by, cancellationToken);
            await database.WriteAsync(
                async session =>
                    await RotationTable.IsUnchangedAsync(session, rotation, CancellationToken.None)
                    && await SecretTable.AddAsync(session, version, CancellationToken.None)
                    && await RotationTable.SaveAsync(
                        session, rotation with { ToVersion = version.Version }, CancellationToken.None),
                CancellationToken.None);
        }
        finally
        {
            places.Release();
        }
    }

    private async Task ActivateAsync(SecretRotation rotation, CancellationToken cancellationToken)
    {
        await AuditAsync(AuditAction.Activate, rotation, rotation.ToVersion, null, cancellationToken);
        var now = clock.GetUtcNow();
        var activated = rotation with
        {
            State = RotationState.Waiting,
            ActivatedAt = now,
            Deadline = now + rotation.Overlap,
        };
        var done = await database.WriteAsync(
            async session =>
            {
                var head = await SecretTable.HeadAsync(session, rotation.Path, CancellationToken.None);
                if (head?.ActiveVersion != rotation.FromVersion
                    || !await RotationTable.SaveAsync(session, activated, CancellationToken.None))
                    return false;
                await SecretTable.ActivateAsync(session, rotation.Path, rotation.ToVersion, now, CancellationToken.None);
                return true;
            },
            CancellationToken.None);
        if (!done)
            return;
        metrics.Activated();
        watchers.WakeSecret(rotation.Path);
    }

    private async Task HoldAsync(SecretRotation rotation, string reason, CancellationToken cancellationToken)
    {
        if (await SaveAsync(rotation with { State = RotationState.Held, Reason = reason }, cancellationToken))
            LogHeld(rotation.Path, reason);
    }

    private async Task ConvergeAsync(SecretRotation rotation, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        if (await SaveAsync(rotation with { ConvergedAt = now }, cancellationToken))
            metrics.Converged(now - rotation.ActivatedAt!.Value);
    }

    private async Task BeginRevokingAsync(SecretRotation rotation, int leftBehind, CancellationToken cancellationToken)
    {
        await AuditAsync(
            AuditAction.Retire, rotation, rotation.FromVersion, $"{leftBehind} holders were still behind", cancellationToken);
        await database.WriteAsync(
            async session =>
            {
                var revoking = rotation with { State = RotationState.Revoking, LeftBehind = leftBehind };
                if (await RotationTable.SaveAsync(session, revoking, CancellationToken.None))
                    await LeaseTable.RemoveOthersAsync(session, rotation.Path, rotation.ToVersion, CancellationToken.None);
                return true;
            },
            CancellationToken.None);
    }

    private async Task RevokeOldAsync(SecretRotation rotation, CancellationToken cancellationToken)
    {
        if (rotation.Tainted)
            await AuditAsync(AuditAction.Retire, rotation, rotation.FromVersion, "it is compromised", cancellationToken);
        var places = Places(rotation.Path);
        await places.WaitAsync(cancellationToken);
        try
        {
            await rotators.Of(rotation.Path).RevokeOldAsync(rotation, cancellationToken);
        }
        finally
        {
            places.Release();
        }

        await SaveAsync(rotation with { OldRevoked = true }, cancellationToken);
    }

    private SemaphoreSlim Places(SecretPath path) => _outside.GetOrAdd(path.Mount, _ => new SemaphoreSlim(AtOnce));
}
