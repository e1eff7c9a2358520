using Grpc.Core;
using SidecarAgent.V1;

namespace SidecarAgent.Broker.Tests.Api;

public sealed class PolicyCallTests : IAsyncLifetime
{
    private RunningBroker _broker = null!;

    public async Task InitializeAsync()
    {
        _broker = await RunningBroker.StartAsync();
        await _broker.Admin.PutSecretAsync(Requests.Put("kv/shop/db", ("password", "one")));
        for (var i = 0; i < 3; i++)
            await _broker.Client(_broker.Issuer.Token(pod: $"orders-{i}")).FetchAsync(Requests.Fetch("kv/shop/db"));
    }

    public async Task DisposeAsync() => await _broker.DisposeAsync();

    [Fact]
    public async Task The_policies_in_force_take_nothing_away()
    {
        var response = await CheckAsync(RunningBroker.DefaultPolicies);

        Assert.Equal((1U, 3UL, 0), (response.Policies, response.Leases, response.Losses.Count));
    }

    [Fact]
    public async Task Who_would_lose_what_is_told_and_nothing_changes()
    {
        var response = await CheckAsync(RunningBroker.DefaultPolicies.Replace("kv/shop/*", "kv/shop/api", StringComparison.Ordinal));

        var loss = Assert.Single(response.Losses);
        Assert.Equal(("shop", "orders", "", "kv/shop/db", 3U),
            (loss.Workload.Namespace, loss.Workload.ServiceAccount, loss.Workload.Pod, loss.Path, loss.Leases));
        var again = (await _broker.Client().FetchAsync(Requests.Fetch("kv/shop/db"))).Updates.Single();
        Assert.Equal("one", again.Issued.Text());
        Assert.Contains($"\"action\":\"check_policies\",\"allowed\":true,\"operator\":\"{RunningBroker.LocalOperator}\"", _broker.AuditLog, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Everything_that_is_wrong_with_the_files_is_told_with_its_place()
    {
        var response = await CheckAsync("policies: [ { name: 'a b', grants: [] } ]", "nonsense");

        Assert.Equal(["p0.yaml", "p0.yaml", "p0.yaml", "p1.yaml"], response.Problems.Select(problem => problem.File));
        Assert.All(response.Problems, problem => Assert.True(problem.Line > 0 && problem.Column > 0));
        Assert.Equal(0UL, response.Leases);
    }

    [Theory]
    [InlineData(1, 900 * 1024, "bytes together")]
    [InlineData(1001, 1, "at most 1000 are allowed")]
    public async Task Too_much_is_refused(int files, int size, string problem)
    {
        var failure = await Assert.ThrowsAsync<RpcException>(() => CheckAsync([.. Enumerable.Repeat(new string('#', size), files)]));

        Assert.Equal(StatusCode.InvalidArgument, failure.StatusCode);
        Assert.Contains(problem, failure.Status.Detail, StringComparison.Ordinal);
    }

    private async Task<CheckPoliciesResponse> CheckAsync(params string[] texts) =>
        await _broker.Admin.CheckPoliciesAsync(new CheckPoliciesRequest
        {
            Files = { texts.Select((text, i) => new PolicyText { Name = $"p{i}.yaml", Text = text }) },
        });
}
