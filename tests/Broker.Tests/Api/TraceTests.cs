using Grpc.Core;
using SidecarAgent.V1;

namespace SidecarAgent.Broker.Tests.Api;

public sealed class TraceTests : IAsyncLifetime
{
    private RunningBroker _broker = null!;

    public async Task InitializeAsync()
    {
        _broker = await RunningBroker.StartAsync();
        await _broker.Admin.PutSecretAsync(Requests.Put("kv/shop/db", ("password", "one")));
    }

    public async Task DisposeAsync() => await _broker.DisposeAsync();

    [Fact]
    public async Task A_version_is_followed_from_who_made_it_to_who_had_it_taken_away()
    {
        var client = _broker.Client();
        var given = (await client.FetchAsync(Requests.Fetch("kv/shop/db"))).Updates.Single();
        var lease = given.Issued.Lease.Id;
        await client.AcknowledgeAsync(Requests.Applied(given));
        await _broker.Admin.RevokeAsync(new RevokeRequest { Target = new Target { Pod = "shop/orders-0" }, Reason = "drill" });

        var trace = await TraceAsync(1);

        Assert.Equal(["put", "issue", "acknowledge", "revoke", "trace"], trace.Events.Select(e => e.Action));
        Assert.Equal((RunningBroker.LocalOperator, RunningBroker.LocalOperator), (trace.CreatedBy, trace.Events[0].Operator));
        Assert.StartsWith("file:", Assert.Single(trace.Fields).KeyId, StringComparison.Ordinal);
        Assert.NotNull(trace.ActiveSince);
        Assert.All(trace.Events.Skip(1).Take(3), e => Assert.Equal(("orders-0", "node1", lease), (e.Workload.Pod, e.Workload.Node, e.LeaseId)));
        Assert.All(trace.Events, e => Assert.InRange(e.Time.ToDateTimeOffset(), trace.CreatedAt.ToDateTimeOffset().AddMinutes(-1), TimeProvider.System.GetUtcNow()));
        Assert.Equal(trace.Events.Select(e => e.Time.ToDateTimeOffset()).Order(), trace.Events.Select(e => e.Time.ToDateTimeOffset()));
        Assert.Equal("applied", trace.Events[2].Detail);
    }

    [Fact]
    public async Task What_is_about_other_versions_and_secrets_is_left_out()
    {
        await _broker.Admin.PutSecretAsync(Requests.Put("kv/shop/db", ("password", "two")));
        await _broker.Admin.PutSecretAsync(Requests.Put("kv/shop/db2", ("password", "three")));

        var first = await TraceAsync(1);
        var active = await TraceAsync(0);

        Assert.Equal(["put", "trace"], first.Events.Select(e => e.Action));
        Assert.Null(first.ActiveSince);
        Assert.Equal(2UL, active.Version);
        Assert.Equal(["put", "trace"], active.Events.Select(e => e.Action));
    }

    [Theory]
    [InlineData("kv/shop/db", 7UL)]
    [InlineData("kv/shop/none", 1UL)]
    [InlineData("kv/shop/none", 0UL)]
    public async Task A_version_that_never_was_is_not_found(string path, ulong version)
    {
        var e = await Assert.ThrowsAsync<RpcException>(async () =>
            await _broker.Admin.TraceVersionAsync(new TraceVersionRequest { Path = path, Version = version }));

        Assert.Equal(StatusCode.NotFound, e.StatusCode);
    }

    private async Task<TraceVersionResponse> TraceAsync(ulong version) =>
        await _broker.Admin.TraceVersionAsync(new TraceVersionRequest { Path = "kv/shop/db", Version = version });
}
