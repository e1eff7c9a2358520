using SidecarAgent.Broker.Rotation;
using SidecarAgent.Broker.Tests.Leases;

namespace SidecarAgent.Broker.Tests.Rotation;

/// <summary>One step for every state of things, and none that takes a credential from somebody who needs it.</summary>
public sealed class RotationRuleTests
{
    private static readonly DateTimeOffset Now = Some.Noon;
    private static readonly RotationProgress Behind = new(Holders: 3, Acknowledged: 1, Behind: 2, Rejected: 0);
    private static readonly RotationProgress All = new(Holders: 3, Acknowledged: 3, Behind: 0, Rejected: 0);
    private static readonly RotationProgress Rejecting = new(Holders: 3, Acknowledged: 2, Behind: 1, Rejected: 1);

    private static SecretRotation Preparing => new()
    {
        Id = "r",
        Path = Some.Db,
        State = RotationState.Preparing,
        Trigger = RotationTrigger.Request,
        By = "local",
        FromVersion = 1,
        Overlap = TimeSpan.FromHours(1),
        Tainted = false,
        StartedAt = Now,
    };

    private static SecretRotation Waiting => Preparing with
    {
        State = RotationState.Waiting,
        ToVersion = 2,
        ActivatedAt = Now,
        Deadline = Now.AddHours(1),
    };

    [Fact]
    public void It_prepares_then_activates()
    {
        Assert.IsType<RotationStep.Prepare>(Decide(Preparing, All, active: 1));
        Assert.IsType<RotationStep.Activate>(Decide(Preparing with { ToVersion = 2 }, All, active: 1));
    }

    [Fact]
    public void An_account_that_somebody_holds_still_is_not_prepared_before_the_overlap_is_over()
    {
        Assert.Equal(new RotationStep.Wait(Now.AddHours(1)), Decide(Preparing, Behind, active: 1));
        Assert.IsType<RotationStep.Prepare>(Decide(Preparing, Behind, active: 1, at: Now.AddHours(1)));
        Assert.IsType<RotationStep.Prepare>(Decide(Preparing with { Tainted = true }, Behind, active: 1));
        Assert.IsType<RotationStep.Prepare>(Decide(Preparing, Behind, active: 1, outside: false));
    }

    [Fact]
    public void A_failed_attempt_waits_for_its_time()
    {
        var failed = Preparing with { Attempts = 1, RetryAt = Now.AddSeconds(5) };

        Assert.Equal(new RotationStep.Wait(Now.AddSeconds(5)), Decide(failed, All, active: 1));
        Assert.IsType<RotationStep.Prepare>(Decide(failed, All, active: 1, at: Now.AddSeconds(5)));
    }

    [Fact]
    public void A_clock_that_is_set_back_keeps_no_attempt_waiting()
    {
        var revoking = Waiting with { State = RotationState.Revoking, Attempts = 9, RetryAt = Now.AddMinutes(5) };

        Assert.Equal(new RotationStep.Wait(Now.AddMinutes(5)), Decide(revoking, All));
        Assert.IsType<RotationStep.RevokeOld>(Decide(revoking, All, at: Now.AddHours(-1)));
    }

    [Fact]
    public void It_waits_for_all_until_the_deadline_then_revokes()
    {
        Assert.Equal(new RotationStep.Wait(Now.AddHours(1)), Decide(Waiting, Behind));
        Assert.Equal(new RotationStep.BeginRevoking(2), Decide(Waiting, Behind, at: Now.AddHours(1)));
        Assert.Equal(new RotationStep.Finish(2), Decide(Waiting, Behind, at: Now.AddHours(1), outside: false));
    }

    [Fact]
    public void When_all_have_acknowledged_it_notes_that_and_revokes_after_the_grace()
    {
        var converged = Waiting with { ConvergedAt = Now };

        Assert.IsType<RotationStep.Converge>(Decide(Waiting, All));
        Assert.Equal(new RotationStep.Wait(Now.AddSeconds(30)), Decide(converged, All));
        Assert.Equal(new RotationStep.BeginRevoking(0), Decide(converged, All, at: Now.AddSeconds(30)));
        Assert.Equal(new RotationStep.Finish(0), Decide(converged, All, outside: false));
        Assert.Equal(new RotationStep.Finish(0), Decide(converged with { FromVersion = 0 }, All));
    }

    [Fact]
    public void A_grace_never_reaches_past_the_deadline() =>
        Assert.Equal(new RotationStep.BeginRevoking(0), Decide(
            Waiting with { ConvergedAt = Now.AddMinutes(59.9) }, All, at: Now.AddHours(1)));

    [Fact]
    public void A_rejection_holds_it_also_past_the_deadline()
    {
        var held = Waiting with { State = RotationState.Held };

        Assert.IsType<RotationStep.Hold>(Decide(Waiting, Rejecting));
        Assert.IsType<RotationStep.Hold>(Decide(Waiting, Rejecting, at: Now.AddHours(2)));
        Assert.Equal(new RotationStep.Wait(null), Decide(held, Rejecting, at: Now.AddHours(2)));
        Assert.IsType<RotationStep.GoOn>(Decide(held, All));
    }

    [Fact]
    public void After_a_hold_those_who_are_behind_have_the_overlap_once_more()
    {
        var held = Waiting with { State = RotationState.Held };

        Assert.Equal(new RotationStep.GoOn(Now.AddHours(4)), Decide(held, Behind, at: Now.AddHours(3)));
        Assert.Equal(new RotationStep.GoOn(Now.AddHours(1)), Decide(held with { IgnoresRejections = true }, Rejecting, at: Now.AddHours(3)));
        Assert.Equal(new RotationStep.GoOn(Now), Decide(held with { TaintedMeanwhile = true, Deadline = Now }, Rejecting, at: Now.AddHours(3)));
    }

    [Fact]
    public void Neither_an_operator_nor_a_taint_lets_it_be_held()
    {
        Assert.Equal(new RotationStep.Wait(Now.AddHours(1)), Decide(Waiting with { IgnoresRejections = true }, Rejecting));
        Assert.Equal(new RotationStep.BeginRevoking(1), Decide(
            Waiting with { TaintedMeanwhile = true, Deadline = Now }, Rejecting));
    }

    [Fact]
    public void What_is_tainted_is_revoked_before_its_successor_is_served_or_without_one()
    {
        var tainted = Preparing with { Tainted = true };

        Assert.IsType<RotationStep.Prepare>(Decide(tainted, All, active: 1));
        Assert.IsType<RotationStep.RevokeOld>(Decide(tainted with { ToVersion = 2 }, All, active: 1));
        Assert.IsType<RotationStep.Activate>(Decide(tainted with { ToVersion = 2, OldRevoked = true }, All, active: 1));
        Assert.IsType<RotationStep.RevokeOld>(Decide(tainted with { Attempts = 1 }, All, active: 1));
        Assert.IsType<RotationStep.Prepare>(Decide(tainted with { Attempts = 2 }, All, active: 1));
        Assert.IsType<RotationStep.Prepare>(Decide(tainted with { Attempts = 1, OldRevoked = true }, All, active: 1));
    }

    [Fact]
    public void A_revocation_of_the_tainted_that_failed_does_not_keep_the_successor_back()
    {
        var tainted = Preparing with { Tainted = true, ToVersion = 2, Attempts = 1, RetryAt = Now.AddSeconds(9) };
        var served = Waiting with { Tainted = true, Attempts = 1, RetryAt = Now.AddSeconds(9) };

        Assert.IsType<RotationStep.Activate>(Decide(tainted, All, active: 1));
        Assert.Equal(new RotationStep.Wait(Now.AddSeconds(9)), Decide(served, Behind));
        Assert.IsType<RotationStep.RevokeOld>(Decide(served, Behind, at: Now.AddSeconds(9)));
    }

    [Fact]
    public void Revoking_goes_on_until_it_has_worked()
    {
        var revoking = Waiting with { State = RotationState.Revoking, LeftBehind = 2 };

        Assert.IsType<RotationStep.RevokeOld>(Decide(revoking, All));
        Assert.Equal(new RotationStep.Wait(Now.AddSeconds(1)), Decide(revoking with { RetryAt = Now.AddSeconds(1) }, All));
        Assert.Equal(new RotationStep.Finish(2), Decide(revoking with { OldRevoked = true }, All));
    }

    [Fact]
    public void What_somebody_else_serves_meanwhile_ends_it()
    {
        Assert.IsType<RotationStep.Fail>(Decide(Preparing, All, active: 5));
        Assert.IsType<RotationStep.Fail>(Decide(Waiting, All, active: 1));
    }

    private static RotationStep Decide(
        SecretRotation rotation, RotationProgress progress, ulong active = 2, DateTimeOffset? at = null, bool outside = true) =>
        RotationRule.Decide(at ?? Now, new RotationFacts(rotation, active, progress, outside, TimeSpan.FromSeconds(30)));
}
