namespace SidecarAgent.Broker.Rotation;

/// <summary>
/// What a rotation does next: prepare, activate, wait for acknowledgements or the deadline, revoke. Pure: what is and
/// what time it is go in, one step comes out.
/// </summary>
internal static class RotationRule
{
    public static RotationStep Decide(DateTimeOffset now, RotationFacts facts) => facts.Rotation.State switch
    {
        RotationState.Preparing => Prepare(now, facts),
        RotationState.Waiting or RotationState.Held => Wait(now, facts),
        RotationState.Revoking => Revoke(now, facts),
        var state => throw new InvalidOperationException($"A rotation that is {state} has no next step."),
    };

    private static RotationStep Prepare(DateTimeOffset now, RotationFacts facts)
    {
        var rotation = facts.Rotation;
        if (facts.ActiveVersion != rotation.FromVersion)
            return new RotationStep.Fail($"version {facts.ActiveVersion} was served meanwhile");

        if (rotation.ToVersion > 0)
        {
            // What is compromised stops working before its successor is served; if that fails, right after it.
            return rotation is { Tainted: true, Attempts: 0 } && OldWorks(facts)
                ? new RotationStep.RevokeOld()
                : new RotationStep.Activate();
        }

        if (!IsDue(now, rotation))
            return new RotationStep.Wait(rotation.RetryAt);

        // Nor does it wait for a successor that cannot be had: every other attempt is at the one, then at the other.
        if (rotation.Tainted && rotation.Attempts % 2 == 1 && OldWorks(facts))
            return new RotationStep.RevokeOld();

        // The account that comes next is the one that was revoked last: somebody may hold it still, after an abort.
        var patience = rotation.StartedAt + rotation.Overlap;
        return facts.RevokesOutside && !rotation.Tainted && facts.Progress.Behind > 0 && now < patience
            ? new RotationStep.Wait(patience)
            : new RotationStep.Prepare();
    }

    private static RotationStep Wait(DateTimeOffset now, RotationFacts facts)
    {
        var (rotation, progress) = (facts.Rotation, facts.Progress);
        if (facts.ActiveVersion != rotation.ToVersion)
            return new RotationStep.Fail($"version {facts.ActiveVersion} was served meanwhile");

        var mayBeHeld = !rotation.Tainted && !rotation.TaintedMeanwhile && !rotation.IgnoresRejections;
        if (mayBeHeld && progress.Rejected > 0)
        {
            return rotation.State == RotationState.Held
                ? new RotationStep.Wait(null)
                : new RotationStep.Hold($"{progress.Rejected} of {progress.Holders} holders cannot use version {rotation.ToVersion}");
        }

        if (rotation.State == RotationState.Held)
        {
            // A rejection goes with the lease that it was about, which a holder that uses the old version does not renew: it
            // must have time to say it again. And whoever has mended it, the grace.
            return new RotationStep.GoOn(mayBeHeld ? Later(Deadline(rotation), now + rotation.Overlap) : Deadline(rotation));
        }

        if (rotation.Tainted && OldWorks(facts) && IsDue(now, rotation))
            return new RotationStep.RevokeOld();
        if (progress.Behind == 0 && rotation.ConvergedAt is null)
            return new RotationStep.Converge();

        var end = End(facts);
        if (now < end)
            return new RotationStep.Wait(rotation.RetryAt < end ? rotation.RetryAt : end);
        return OldWorks(facts) ? new RotationStep.BeginRevoking(progress.Behind) : new RotationStep.Finish(progress.Behind);
    }

    private static RotationStep Revoke(DateTimeOffset now, RotationFacts facts)
    {
        if (!OldWorks(facts))
            return new RotationStep.Finish(facts.Rotation.LeftBehind);
        return IsDue(now, facts.Rotation) ? new RotationStep.RevokeOld() : new RotationStep.Wait(facts.Rotation.RetryAt);
    }

    /// <summary>When the overlap is over, as things stand.</summary>
    private static DateTimeOffset End(RotationFacts facts)
    {
        var rotation = facts.Rotation;
        var deadline = Deadline(rotation);
        if (facts.Progress.Behind > 0 || rotation.ConvergedAt is not { } converged)
            return deadline;
        var settled = OldWorks(facts) ? converged + facts.Grace : converged;
        return settled < deadline ? settled : deadline;
    }

    private static DateTimeOffset Deadline(SecretRotation rotation) =>
        rotation.Deadline ?? throw new InvalidOperationException("An activated rotation has a deadline.");

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;

    private static bool OldWorks(RotationFacts facts) =>
        facts.RevokesOutside && facts.Rotation is { FromVersion: > 0, OldRevoked: false };

    /// <summary>No attempt is put off for longer than so: if it seems to be, somebody has set the clock back.</summary>
    private static bool IsDue(DateTimeOffset now, SecretRotation rotation) =>
        rotation.RetryAt is not { } at || now >= at || at - now > RotationBackoff.Longest;
}
