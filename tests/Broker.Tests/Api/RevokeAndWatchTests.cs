using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using SidecarAgent.Broker.Engines.Accounts;
using SidecarAgent.Broker.Tests.Credentials;
using SidecarAgent.V1;

namespace SidecarAgent.Broker.Tests.Api;

/// <summary>Break-glass, and how far it got.</summary>
public sealed class RevokeAndWatchTests : IAsyncLifetime
{
    private readonly FakeAccounts _accounts = FakeAccounts.Create();
    private RunningBroker _broker = null!;

    public async Task InitializeAsync()
    {
        _broker = await DynamicBroker.StartAsync(_accounts, TimeProvider.System);
        await _broker.Admin.PutSecretAsync(Requests.Put("kv/shop/db", ("password", "one")));
    }

    public Task DisposeAsync() => _broker.DisposeAsync().AsTask();

    [Fact]
    public async Task Holders_are_told_and_accounts_dropped_and_then_it_is_over()
    {
        using var one = await WatchAsync("orders-0", "kv/shop/db", DynamicBroker.Path);
        using var two = await WatchAsync("orders-1", "kv/shop/db");

        var steps = await RevokeAsync(new Target { Workload = "shop/orders" });

        var end = steps[^1];
        Assert.Equal((3U, 2U, 2U), (end.LeasesEnded, end.Holders, end.HoldersTold));
        Assert.Equal((1U, 1U), (end.Accounts, end.AccountsDropped));
        Assert.Empty(end.NotReached);
        Assert.Empty(end.NotDropped);
        Assert.Empty(_accounts.All);
        Assert.True(end.Finished);
        Assert.All(steps.SkipLast(1), step => Assert.False(step.Finished));
        Assert.All((await one.NextAsync()).Updates, update => Assert.Equal(SecretUpdate.OutcomeOneofCase.Revoked, update.OutcomeCase));
        Assert.Contains("\"action\":\"revoke\"", _broker.AuditLog, StringComparison.Ordinal);
        Assert.Equal(end.CutOffId, Assert.Single((await _broker.Admin.ListCutOffsAsync(new ListCutOffsRequest())).CutOffs).Id);
    }

    [Fact]
    public async Task Who_is_not_connected_is_named_and_not_waited_for_to_the_end()
    {
        await _broker.FetchOneAsync(path: "kv/shop/db");

        var end = (await RevokeAsync(new Target { Workload = "shop/orders" }, TimeSpan.FromMinutes(10)))[^1];

        var missing = Assert.Single(end.NotReached);
        Assert.Equal(("orders-0", "node1", false), (missing.Workload.Pod, missing.Workload.Node, missing.Connected));
        Assert.Equal((1U, 0U), (end.Holders, end.HoldersTold));
    }

    [Fact]
    public async Task Who_watches_something_else_only_is_not_waited_for_to_the_end()
    {
        await _broker.FetchOneAsync(path: "kv/shop/db");
        await _broker.Admin.PutSecretAsync(Requests.Put("kv/shop/other", ("password", "two")));
        using var other = await WatchAsync("orders-0", "kv/shop/other");

        var revoking = RevokeAsync(new Target { Secret = "kv/shop/db" }, TimeSpan.FromMinutes(10));
        var end = (await revoking.WaitAsync(TimeSpan.FromMinutes(1), TimeProvider.System))[^1];

        Assert.False(Assert.Single(end.NotReached).Connected);
        Assert.Equal((1U, 0U, true), (end.Holders, end.HoldersTold, end.Finished));
    }

    [Fact]
    public async Task Who_comes_back_in_time_is_told()
    {
        await _broker.FetchOneAsync(path: "kv/shop/db");
        // An account that does not go keeps the revocation from being over.
        await _broker.FetchOneAsync();
        _accounts.Failure = () => new AccountServerUnreachableException("connection refused");
        using var call = Begin(new Target { Workload = "shop/orders" }, TimeSpan.FromMinutes(10));
        Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None));
        Assert.Equal(0U, call.ResponseStream.Current.HoldersTold);

        using var back = _broker.Client().Watch(Requests.Watch("kv/shop/db"));
        await back.NextAsync();
        while (call.ResponseStream.Current.HoldersTold == 0)
            Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None));
        _accounts.Failure = null;
        while (!call.ResponseStream.Current.Finished)
            Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None));

        Assert.Empty(call.ResponseStream.Current.NotReached);
        Assert.Equal(1U, call.ResponseStream.Current.AccountsDropped);
    }

    [Fact]
    public async Task An_account_that_cannot_be_dropped_is_named_with_its_problem_at_the_deadline()
    {
        var issued = (await _broker.FetchOneAsync()).Issued;
        _accounts.Failure = () => new AccountServerRefusedException("it owns a table");

        var end = (await RevokeAsync(new Target { Secret = DynamicBroker.Path }, TimeSpan.FromSeconds(1)))[^1];

        var left = Assert.Single(end.NotDropped);
        Assert.Equal((DynamicBroker.Path, issued.User().Value, "it owns a table"), (left.Path, left.Account, left.Problem));
        Assert.Equal((1U, 0U, true), (end.Accounts, end.AccountsDropped, end.Finished));
    }

    [Fact]
    public async Task Whoever_hangs_up_leaves_the_cut_off_in_force()
    {
        await _broker.FetchOneAsync();
        _accounts.Failure = () => new AccountServerUnreachableException("connection refused");
        using (var call = Begin(new Target { Workload = "shop/orders" }, TimeSpan.FromMinutes(10)))
            Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None));

        Assert.Equal(Denied.Types.Reason.CutOff, (await _broker.FetchOneAsync()).Denied.Reason);
    }

    [Fact]
    public async Task Nobody_to_reach_is_over_at_once()
    {
        var steps = await RevokeAsync(new Target { Node = "nowhere" }, TimeSpan.FromMinutes(10));

        Assert.True(Assert.Single(steps).Finished);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(-5, 0)]
    [InlineData(3601, 0)]
    [InlineData(1, -1)]
    [InlineData(60, 1_000_000_000)]
    public async Task A_deadline_that_makes_no_sense_is_refused_before_anything_is_done(long seconds, int nanos)
    {
        using var call = _broker.Admin.RevokeAndWatch(new RevokeAndWatchRequest
        {
            Revoke = new RevokeRequest { Target = new Target { All = true } },
            Deadline = new Duration { Seconds = seconds, Nanos = nanos },
        });

        var failure = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(CancellationToken.None));
        Assert.Equal("REQUEST_INVALID", failure.Reason());
        Assert.Empty((await _broker.Admin.ListCutOffsAsync(new ListCutOffsRequest())).CutOffs);
    }

    private async Task<AsyncServerStreamingCall<WatchResponse>> WatchAsync(string pod, params string[] paths)
    {
        var watch = _broker.Client(_broker.Issuer.Token(pod: pod)).Watch(Requests.Watch(paths));
        await watch.NextAsync();
        return watch;
    }

    private AsyncServerStreamingCall<RevokeAndWatchResponse> Begin(Target target, TimeSpan deadline) =>
        _broker.Admin.RevokeAndWatch(new RevokeAndWatchRequest
        {
            Revoke = new RevokeRequest { Target = target, Reason = "drill" },
            Deadline = deadline.ToDuration(),
        });

    private async Task<List<RevokeAndWatchResponse>> RevokeAsync(Target target, TimeSpan? deadline = null)
    {
        using var call = Begin(target, deadline ?? TimeSpan.FromSeconds(60));
        var steps = new List<RevokeAndWatchResponse>();
        await foreach (var step in call.ResponseStream.ReadAllAsync())
            steps.Add(step);
        return steps;
    }
}
