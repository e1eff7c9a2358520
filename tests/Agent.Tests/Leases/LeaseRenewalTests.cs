using SidecarAgent.Agent.Tests.FakeBroker;

namespace SidecarAgent.Agent.Tests.Leases;

/// <summary>A whole agent whose clock the test moves.</summary>
public sealed class LeaseRenewalTests
{
    private readonly ArmedTime _time = new();

    [Fact]
    public async Task Leases_of_one_age_are_renewed_in_one_call()
    {
        await using var pod = await PodAsync();
        var agent = pod.Run();
        await pod.Broker.Acknowledgements.NextAsync();
        await pod.Broker.Acknowledgements.NextAsync();

        await RenewalIsDueAsync();

        Assert.Equal(["lease-1", "lease-2"], (await pod.Broker.Renewals.NextAsync()).LeaseIds.Order());
        // The next time is only set when the answer of the last is in.
        await _time.PassAsync(TimeSpan.FromSeconds(1));
        await RenewalIsDueAsync();
        Assert.Equal(2, (await pod.Broker.Renewals.NextAsync()).LeaseIds.Count);
        Assert.Matches("sidecar_agent_lease_renewals_total\\{[^}]*result=\"ok\"[^}]*\\} [12]\\s", await agent.GetAsync("/metrics"));
    }

    [Fact]
    public async Task A_lease_that_has_ended_is_replaced_by_asking_anew()
    {
        await using var pod = await PodAsync();
        pod.Run();
        await pod.Broker.Acknowledgements.NextAsync();
        await pod.Broker.Acknowledgements.NextAsync();
        await pod.Broker.Watches.NextAsync();
        var generation = pod.Generation();

        pod.Broker.EndLease("lease-1");
        await RenewalIsDueAsync();

        var asked = (await NextWatchAsync(pod)).Secrets;
        Assert.Equal([("kv/a", "", 0ul), ("kv/b", "lease-2", 1ul)], asked.Select(secret => (secret.Path, secret.LeaseId, secret.HeldVersion)));
        Assert.Equal("lease-3", (await pod.Broker.Acknowledgements.NextAsync()).LeaseId);
        Assert.Equal(generation, pod.Generation());
    }

    [Fact]
    public async Task A_lease_at_its_maximum_is_replaced_before_its_end()
    {
        await using var pod = await PodAsync();
        pod.Broker.MaxTtl = pod.Broker.Ttl;
        pod.Run();
        await pod.Broker.Acknowledgements.NextAsync();
        await pod.Broker.Acknowledgements.NextAsync();
        await pod.Broker.Watches.NextAsync();

        await RenewalIsDueAsync();

        Assert.All((await NextWatchAsync(pod)).Secrets.Where(secret => secret.LeaseId.Length == 0), secret => Assert.Equal(0ul, secret.HeldVersion));
        Assert.StartsWith("lease-", (await pod.Broker.Acknowledgements.NextAsync()).LeaseId, StringComparison.Ordinal);
        Assert.Equal(0, pod.Broker.Renewals.Count);
    }

    [Fact]
    public async Task A_lease_that_ends_while_the_broker_is_away_is_stale_and_its_file_stays()
    {
        await using var pod = await PodAsync();
        var agent = pod.Run();
        await pod.Broker.Acknowledgements.NextAsync();
        await pod.Broker.Acknowledgements.NextAsync();
        // The first look at ends comes five seconds after the start.
        await _time.PassAsync(TimeSpan.FromSeconds(5));
        await _time.ArmedAsync(due => due > TimeSpan.FromMinutes(45));
        await pod.Broker.StopAsync();

        _time.Advance(pod.Broker.Ttl);

        await pod.Log.WaitForAsync("The lease of kv/a passed its end");
        Assert.Equal("1", pod.Read("a"));
        Assert.Contains((await agent.ReadinessAsync()).Problems, problem => problem.StartsWith("the lease of kv/a ended", StringComparison.Ordinal));
        Assert.Matches("sidecar_agent_stale(\\{[^}]*\\})? 2\\s", await agent.GetAsync("/metrics"));
    }

    /// <summary>Waits until the agent sleeps towards two thirds of the hour, and lets that pass.</summary>
    private async Task RenewalIsDueAsync()
    {
        var due = await _time.ArmedAsync(span => span > TimeSpan.FromMinutes(30) && span < TimeSpan.FromMinutes(45));
        _time.Advance(due);
    }

    /// <summary>The watch that follows one that has worked: after a quarter of a second at most.</summary>
    private async Task<V1.WatchRequest> NextWatchAsync(TestPod pod)
    {
        _time.Advance(await _time.ArmedAsync(due => due < TimeSpan.FromMilliseconds(250)));
        return await pod.Broker.Watches.NextAsync();
    }

    private async Task<TestPod> PodAsync()
    {
        var pod = await TestPod.StartAsync();
        pod.Time = _time;
        pod.WantRaw("a", "kv/a", "x");
        pod.WantRaw("b", "kv/b", "x");
        pod.Broker.Put(("kv/a", [("x", "1")]), ("kv/b", [("x", "2")]));
        return pod;
    }
}
