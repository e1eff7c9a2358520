using SidecarAgent.Agent.Tests.FakeBroker;
using SidecarAgent.V1;

namespace SidecarAgent.Agent.Tests.Sync;

public sealed class WatchTests
{
    [Fact]
    public async Task A_secret_becomes_a_file_and_is_acknowledged_after_it()
    {
        await using var pod = await TestPod.StartAsync();
        pod.WantRaw("password", "kv/shop/orders", "password");
        pod.Broker.Put("kv/shop/orders", ("password", "s3cret"), ("user", "orders"));

        pod.Run();

        var acknowledgement = await pod.Broker.Acknowledgements.NextAsync();
        Assert.Equal("s3cret", pod.Read("password"));
        Assert.Equal((1ul, Acknowledgement.Types.Outcome.Applied), (acknowledgement.Version, acknowledgement.Outcome));
        var request = Assert.Single((await pod.Broker.Watches.NextAsync()).Secrets);
        Assert.Equal(["password"], request.Fields);
        Assert.Equal(("", 0ul), (request.LeaseId, request.HeldVersion));
    }

    [Fact]
    public async Task A_rotation_reaches_the_file()
    {
        await using var pod = await TestPod.StartAsync();
        pod.WantRaw("password", "kv/a", "password");
        pod.Broker.Put("kv/a", ("password", "one"));
        var agent = pod.Run();
        await pod.Broker.Acknowledgements.NextAsync();

        pod.Broker.Put("kv/a", ("password", "two"));

        var acknowledgement = await pod.Broker.Acknowledgements.NextAsync();
        Assert.Equal(2ul, acknowledgement.Version);
        Assert.Equal("two", pod.Read("password"));
        Assert.True((await agent.ReadinessAsync()).Ready);
        Assert.Contains("sidecar_agent_secret_version{otel_scope_name=\"SidecarAgent.Agent\",secret=\"kv/a\"} 2", await agent.GetAsync("/metrics"), StringComparison.Ordinal);
    }
}
