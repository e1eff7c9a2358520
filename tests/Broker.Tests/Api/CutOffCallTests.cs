using Grpc.Core;
using SidecarAgent.Broker.Tests.Engines;
using SidecarAgent.Broker.Tests.Storage;
using SidecarAgent.V1;

namespace SidecarAgent.Broker.Tests.Api;

public abstract class CutOffCallTests(TestStore store) : IAsyncLifetime
{
    private RunningBroker _broker = null!;

    public async Task InitializeAsync()
    {
        _broker = await RunningBroker.StartAsync(store: store);
        await _broker.Admin.PutSecretAsync(Requests.Put("kv/shop/db", ("password", "one")));
    }

    public async Task DisposeAsync()
    {
        await _broker.DisposeAsync();
        await store.DisposeAsync();
    }

    [Fact]
    public async Task Who_watches_is_told_and_served_again_when_the_cut_off_is_lifted()
    {
        using var watch = _broker.Client().Watch(Requests.Watch("kv/shop/db"));
        await watch.NextUpdateAsync();

        var revoked = await RevokeAsync(new Target { Workload = "shop/orders" });
        var taken = await watch.NextUpdateAsync();
        await _broker.Admin.LiftCutOffAsync(new LiftCutOffRequest { Id = revoked.CutOffId });
        var given = await watch.NextUpdateAsync();

        Assert.Equal((1U, 1U), (revoked.LeasesEnded, revoked.HoldersTold));
        Assert.Empty(revoked.NotReached);
        Assert.Contains("stolen laptop", taken.Revoked.Message, StringComparison.Ordinal);
        Assert.Equal("one", given.Issued.Text());
    }

    [Fact]
    public async Task Who_is_away_is_named_and_learns_of_it_on_return()
    {
        var client = _broker.Client();
        var lease = (await client.FetchAsync(Requests.Fetch("kv/shop/db"))).Updates.Single().Issued.Lease;

        var revoked = await RevokeAsync(new Target { Pod = "shop/orders-0" });
        var renewal = (await client.RenewAsync(new RenewRequest { LeaseIds = { lease.Id } })).Renewals.Single();
        var back = (await client.FetchAsync(Requests.Fetch(Requests.Secret("kv/shop/db", lease.Id, 1)))).Updates.Single();
        var fresh = (await client.FetchAsync(Requests.Fetch("kv/shop/db"))).Updates.Single();

        Assert.Equal((1U, 0U), (revoked.LeasesEnded, revoked.HoldersTold));
        Assert.Equal("orders-0", Assert.Single(revoked.NotReached).Pod);
        Assert.NotNull(renewal.Ended);
        Assert.Equal(SecretUpdate.OutcomeOneofCase.Revoked, back.OutcomeCase);
        Assert.Equal(Denied.Types.Reason.CutOff, fresh.Denied.Reason);
    }

    [Fact]
    public async Task Others_are_not_affected()
    {
        using var watch = _broker.Client().Watch(Requests.Watch("kv/shop/db"));
        await watch.NextUpdateAsync();

        await RevokeAsync(new Target { Pod = "shop/orders-1" });
        await RevokeAsync(new Target { Namespace = "elsewhere" });
        await _broker.Admin.PutSecretAsync(Requests.Put("kv/shop/db", ("password", "two")));

        Assert.Equal("two", (await watch.NextUpdateAsync()).Issued.Text());
    }

    [Fact]
    public async Task Everybody_can_be_cut_off()
    {
        await RevokeAsync(new Target { All = true });

        var update = (await _broker.Client().FetchAsync(Requests.Fetch("kv/shop/db"))).Updates.Single();

        Assert.Equal(Denied.Types.Reason.CutOff, update.Denied.Reason);
    }

    [Fact]
    public async Task A_cut_off_survives_a_restart_and_is_listed()
    {
        await RevokeAsync(new Target { Node = "node1" });
        await _broker.RestartAsync();

        var update = (await _broker.Client().FetchAsync(Requests.Fetch("kv/shop/db"))).Updates.Single();
        var listed = Assert.Single((await _broker.Admin.ListCutOffsAsync(new ListCutOffsRequest())).CutOffs);

        Assert.Equal(Denied.Types.Reason.CutOff, update.Denied.Reason);
        Assert.Equal(("node1", "stolen laptop", RunningBroker.LocalOperator), (listed.Target.Node, listed.Reason, listed.By));
    }

    [Fact]
    public async Task An_explanation_names_the_cut_off_before_the_policy()
    {
        var request = new ExplainPolicyRequest
        {
            Workload = new WorkloadIdentity { Namespace = "shop", ServiceAccount = "orders" },
            Path = "kv/shop/db",
        };
        var before = await _broker.Admin.ExplainPolicyAsync(request);
        await RevokeAsync(new Target { Secret = "kv/shop/db" });
        var after = await _broker.Admin.ExplainPolicyAsync(request);

        Assert.True(before.Allowed);
        Assert.Equal("orders", before.Policy);
        Assert.Equal(TimeSpan.FromHours(1), before.Ttl.ToTimeSpan());
        Assert.False(after.Allowed);
        Assert.Contains("stolen laptop", after.Explanation, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lifting_what_is_not_there_is_an_error()
    {
        var failure = await Assert.ThrowsAsync<RpcException>(
            async () => await _broker.Admin.LiftCutOffAsync(new LiftCutOffRequest { Id = "none" }));

        Assert.Equal((StatusCode.NotFound, "CUT_OFF_NOT_FOUND"), (failure.StatusCode, failure.Reason()));
    }

    private async Task<RevokeResponse> RevokeAsync(Target target) =>
        await _broker.Admin.RevokeAsync(new RevokeRequest { Target = target, Reason = "stolen laptop" });
}

public sealed class SqliteCutOffCallTests() : CutOffCallTests(new SqliteTestStore());

[Collection(nameof(PostgresFixture))]
public sealed class PostgresCutOffCallTests(PostgresFixture server) : CutOffCallTests(new PostgresTestStore(server));
