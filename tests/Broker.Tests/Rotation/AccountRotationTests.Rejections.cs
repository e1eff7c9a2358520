using SidecarAgent.V1;

using State = SidecarAgent.V1.Rotation.Types.State;

namespace SidecarAgent.Broker.Tests.Rotation;

public sealed partial class AccountRotationTests
{
    [Fact]
    public async Task A_rejection_keeps_the_old_account_alive_however_long_it_takes()
    {
        var holder = await HolderAsync("orders-0");
        var client = _broker.Client(_broker.Issuer.Token(pod: "orders-0", lifetime: TimeSpan.FromDays(2)));
        await RotateAsync();
        await holder.RejectAsync(await holder.NextAsync(), "cannot read it");
        await UntilAsync(rotation => rotation.State == State.Held);

        _clock.Advance(TimeSpan.FromMinutes(6));
        await client.RenewAsync(new RenewRequest { LeaseIds = { holder.First.Issued.Lease.Id } });

        Assert.Equal(State.Held, (await RotationAsync()).State);
        Assert.True(LetsIn(holder.First.Issued));
    }

    [Fact]
    public async Task A_rejection_whose_own_lease_has_ended_can_be_said_again_before_the_old_account_goes()
    {
        var holder = await HolderAsync("orders-0");
        var client = _broker.Client(_broker.Issuer.Token(pod: "orders-0", lifetime: TimeSpan.FromDays(2)));
        await RotateAsync();
        await holder.RejectAsync(await holder.NextAsync(), "cannot read it");
        await UntilAsync(rotation => rotation.State == State.Held);

        // As an agent does: it renews the lease of what it uses, and not the one of what it has rejected.
        _clock.Advance(TimeSpan.FromMinutes(6));
        await client.RenewAsync(new RenewRequest { LeaseIds = { holder.First.Issued.Lease.Id } });
        _clock.Advance(TimeSpan.FromMinutes(5));
        await holder.RejectAsync(await holder.NextAsync(), "cannot read it still");
        var after = await UntilAsync(rotation => rotation.State == State.Held || rotation.EndedAt is not null);

        Assert.Equal(State.Held, after.State);
        Assert.True(LetsIn(holder.First.Issued));
    }

    [Fact]
    public async Task A_rejection_that_is_mended_past_the_deadline_leaves_applications_the_grace()
    {
        var holder = await HolderAsync("orders-0");
        await RotateAsync();
        var update = await holder.NextAsync();
        await holder.RejectAsync(update, "cannot read it");
        await UntilAsync(rotation => rotation.State == State.Held);
        _clock.Advance(TimeSpan.FromMinutes(6));

        await holder.AcknowledgeAsync(update);
        await UntilAsync(rotation => rotation.State != State.Held, TimeSpan.Zero);
        _clock.Advance(TimeSpan.FromSeconds(29));
        Assert.True(LetsIn(holder.First.Issued));
        var done = await UntilAsync(rotation => rotation.EndedAt is not null);

        Assert.Equal((State.Done, 0U), (done.State, done.LeftBehind));
        Assert.False(LetsIn(holder.First.Issued));
    }
}
