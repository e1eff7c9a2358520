using Microsoft.Extensions.Time.Testing;
using SidecarAgent.Webhook.Kubernetes;
using SidecarAgent.Webhook.Tests.Kit;

namespace SidecarAgent.Webhook.Tests.Kubernetes;

public sealed class ElectionTests : IAsyncLifetime
{
    private static readonly string Lease = ApiPaths.Lease(FakeApiServer.Namespace, Election.LeaseName);

    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private readonly SaidLines _said = new();
    private readonly List<IDisposable> _started = [];
    private FakeApiServer _server = null!;

    public async Task InitializeAsync() => _server = await FakeApiServer.StartAsync(_time);

    public async Task DisposeAsync()
    {
        _started.ForEach(started => started.Dispose());
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task One_holds_it_and_the_others_follow()
    {
        var (one, two) = (Start("one"), Start("two"));
        for (var i = 0; i < 10; i++)
        {
            await one.RoundAsync(CancellationToken.None);
            await two.RoundAsync(CancellationToken.None);
            Assert.Equal((true, false), (one.IsHolder, two.IsHolder));
            _time.Advance(LeaseRule.Period);
        }
    }

    [Fact]
    public async Task A_Lease_that_is_gone_and_may_not_be_created_is_said_with_what_to_do()
    {
        _server.Fails = said => said.StartsWith("POST", StringComparison.Ordinal) ? 403 : null;

        var problem = await Assert.ThrowsAsync<ApiException>(() => Start("one").RoundAsync(CancellationToken.None));

        Assert.Equal("there is no Lease 'sidecar-webhook' in namespace 'sidecar-agent', and the webhook may not create one; "
            + "apply the manifests again (kubectl apply -k deploy/base), which hold it empty", problem.Message);
    }

    [Fact]
    public async Task A_dead_holder_is_followed_after_a_duration_and_not_before()
    {
        var (dead, heir) = (Start("dead"), Start("heir"));
        await dead.RoundAsync(CancellationToken.None);
        await heir.RoundAsync(CancellationToken.None);

        _time.Advance(LeaseRule.Deadline);
        Assert.False(dead.IsHolder);
        await heir.RoundAsync(CancellationToken.None);
        Assert.False(heir.IsHolder);
        _time.Advance(LeaseRule.Duration - LeaseRule.Deadline);
        await heir.RoundAsync(CancellationToken.None);

        Assert.True(heir.IsHolder);
        Assert.Equal(1, (int)_server.Find(Lease)!["spec"]!["leaseTransitions"]!);
    }

    [Theory]
    [InlineData("1999-01-01T00:00:00.000000Z")]
    [InlineData("2999-01-01T00:00:00.000000Z")]
    public async Task The_times_in_the_Lease_do_not_count_whatever_clock_wrote_them(string time)
    {
        var other = new LeaseRecord("other", time, time, 0, null);
        _server.Put(Lease, other.Write(null, FakeApiServer.Namespace, Election.LeaseName, TimeSpan.FromDays(99)));
        var heir = Start("heir");

        await heir.RoundAsync(CancellationToken.None);
        Assert.False(heir.IsHolder);
        _time.Advance(LeaseRule.Duration);
        await heir.RoundAsync(CancellationToken.None);

        Assert.True(heir.IsHolder);
    }

    [Fact]
    public async Task Of_two_that_take_it_at_once_one_gets_it()
    {
        var (one, two) = (Start("one"), Start("two"));
        var others = false;
        _server.BeforeAsync = async said =>
        {
            if (others || !said.StartsWith("POST", StringComparison.Ordinal))
                return;
            others = true;
            await two.RoundAsync(CancellationToken.None);
        };

        var problem = await Assert.ThrowsAsync<ApiException>(() => one.RoundAsync(CancellationToken.None));

        Assert.True(problem.IsConflict);
        Assert.Equal((false, true), (one.IsHolder, two.IsHolder));
    }

    [Fact]
    public async Task It_is_given_back_at_the_end_so_that_the_next_need_not_wait()
    {
        var (one, two) = (Start("one"), Start("two"));
        await one.StartAsync(CancellationToken.None);
        while (!one.IsHolder)
            await Task.Yield();

        await one.StopAsync(CancellationToken.None);
        await two.RoundAsync(CancellationToken.None);

        Assert.Equal((false, true), (one.IsHolder, two.IsHolder));
    }

    [Fact]
    public async Task A_holder_that_renews_too_late_stops_acting()
    {
        var one = Start("one");
        await one.RoundAsync(CancellationToken.None);
        _server.Fails = _ => 500;
        _time.Advance(LeaseRule.Deadline);

        await Assert.ThrowsAsync<ApiException>(() => one.RoundAsync(CancellationToken.None));

        Assert.False(one.IsHolder);
    }

    private Election Start(string name)
    {
        var api = new ApiClient(_server.Access, _time);
        var election = new Election(api, FakeApiServer.Namespace, name, _time, new SaidLines<Election>(_said));
        _started.AddRange([election, api]);
        return election;
    }
}
