using SidecarAgent.Agent.Connection;
using SidecarAgent.Agent.Sync;
using SidecarAgent.Agent.Tests.FakeBroker;

namespace SidecarAgent.Agent.Tests.Leases;

/// <summary>A whole agent whose clock the test moves.</summary>
[Collection(nameof(AgentsInTurn))]
public sealed class LeaseRenewalTests
{
    private readonly ArmedTime _time = new();

    [Fact]
    public async Task Leases_of_one_age_are_renewed_in_one_call()
    {
        await using var pod = await PodAsync();
        var agent = pod.Run();
        await pod.Log.WaitForAsync("The broker knows what became of 2 versions");
        pod.Broker.Acknowledgements.TakeAll();

        for (var round = 0; round < 2; round++)
        {
            var before = pod.Log.Lines.Count;
            var renewal = await PassUntilAsync(pod.Broker.Renewals.NextAsync());
            Assert.Equal(["lease-1", "lease-2"], renewal.LeaseIds.Order());
            await pod.Log.WaitForAsync("Asked for the renewal of 2 leases", before);
        }

        Assert.Matches("sidecar_agent_lease_renewals_total\\{[^}]*result=\"ok\"[^}]*\\} [12]\\s", await agent.GetAsync("/metrics"));
    }

    [Fact]
    public async Task A_lease_that_has_ended_is_replaced_by_asking_anew()
    {
        await using var pod = await PodAsync();
        pod.Run();
        await pod.Log.WaitForAsync("The broker knows what became of 2 versions");
        pod.Broker.Acknowledgements.TakeAll();
        await pod.Broker.Watches.NextAsync();
        var generation = pod.Generation();

        pod.Broker.EndLease("lease-1");
        var asked = (await PassUntilAsync(pod.Broker.Watches.NextAsync())).Secrets;
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
        await pod.Log.WaitForAsync("The broker knows what became of 2 versions");
        pod.Broker.Acknowledgements.TakeAll();
        await pod.Broker.Watches.NextAsync();

        var asked = (await PassUntilAsync(pod.Broker.Watches.NextAsync())).Secrets;

        Assert.Contains(asked, secret => secret.LeaseId.Length == 0);
        Assert.All(asked.Where(secret => secret.LeaseId.Length == 0), secret => Assert.Equal(0ul, secret.HeldVersion));
        Assert.StartsWith("lease-", (await pod.Broker.Acknowledgements.NextAsync()).LeaseId, StringComparison.Ordinal);
        Assert.Equal(0, pod.Broker.Renewals.Count);
    }

    [Fact]
    public async Task A_lease_that_ends_while_the_broker_is_away_is_stale_and_its_file_stays()
    {
        await using var pod = await PodAsync();
        var agent = pod.Run();
        await pod.Log.WaitForAsync("The broker knows what became of 2 versions");
        pod.Broker.Acknowledgements.TakeAll();
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

    [Fact]
    public async Task A_delay_that_the_broker_asks_for_is_obeyed_by_renewals()
    {
        await using var pod = await PodAsync();
        pod.Run();
        await pod.Log.WaitForAsync("The broker knows what became of 2 versions");
        pod.Broker.RefuseRenewals(FakeBroker.FakeBroker.Error(
            Grpc.Core.StatusCode.ResourceExhausted, "TOO_MANY_REQUESTS", TimeSpan.FromSeconds(90)));

        var pause = await _time.PassUntilArmedAsync(due => due > TimeSpan.FromMinutes(1) && due < TimeSpan.FromMinutes(5), IsToPass);
        await pod.Log.WaitForAsync("2 leases could not be renewed yet: TOO_MANY_REQUESTS");
        pod.Broker.RefuseRenewals(null);

        Assert.InRange(pause, TimeSpan.FromSeconds(90), TimeSpan.FromSeconds(99));
        Assert.Equal(0, pod.Broker.Renewals.Count);
        _time.Advance(pause);
        Assert.Equal(2, (await pod.Broker.Renewals.NextAsync()).LeaseIds.Count);
    }

    [Fact]
    public async Task An_agent_that_starts_again_knows_of_renewals_and_holds_the_same_leases()
    {
        await using var pod = await PodAsync();
        var agent = pod.Run();
        await pod.Log.WaitForAsync("The broker knows what became of 2 versions");
        await pod.Broker.Watches.NextAsync();
        var before = _time.GetUtcNow() + pod.Broker.Ttl;
        await PassUntilAsync(pod.Log.WaitForAsync("Asked for the renewal of 2 leases"));
        // The note follows half a second after the answer.
        await _time.PassUntilAsync(
            NotedAsync(pod, before + TimeSpan.FromMinutes(30)), due => due > TimeSpan.Zero && due <= TimeSpan.FromSeconds(1.25));
        await agent.CrashAsync();
        await pod.Broker.StopAsync();

        // Past the end that the leases had before they were renewed.
        _time.Advance(TimeSpan.FromMinutes(30));
        var again = pod.Run();

        Assert.True((await again.ReadinessAsync()).Ready);
        await pod.Broker.StartAsync();
        var asked = await _time.PassUntilAsync(pod.Broker.Watches.NextAsync(), due => due > TimeSpan.Zero && due <= Backoff.Longest);
        Assert.Equal([("lease-1", 1ul), ("lease-2", 1ul)], asked.Secrets.Select(secret => (secret.LeaseId, secret.HeldVersion)));
    }

    /// <summary>Looks at the manifest until every lease in it lives at least as long; true then.</summary>
    private static async Task<bool> NotedAsync(TestPod pod, DateTimeOffset end)
    {
        while (Manifest.Parse(await File.ReadAllBytesAsync(Path.Combine(pod.MountPath, "..data", "..manifest"))) is not { } manifest
            || manifest.Secrets.Any(secret => secret.ExpiresAt < end))
        {
            await Task.Yield();
        }

        return true;
    }

    /// <summary>
    /// Lets the waits for the better part of an hour pass, and the short ones between two calls; those of calls under way never.
    /// </summary>
    private static bool IsToPass(TimeSpan due) =>
        (due > TimeSpan.FromMinutes(30) && due < TimeSpan.FromMinutes(55)) || (due > TimeSpan.Zero && due <= TimeSpan.FromSeconds(1.25));

    private Task<T> PassUntilAsync<T>(Task<T> expected) => _time.PassUntilAsync(expected, IsToPass);

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
