using Grpc.Core;
using SidecarAgent.Agent.Configuration;
using SidecarAgent.Agent.Connection;
using SidecarAgent.Agent.Tests.Connection;
using SidecarAgent.Agent.Tests.FakeBroker;
using SidecarAgent.Testing;

namespace SidecarAgent.Agent.Tests.Sync;

/// <summary>A whole agent whose identity comes from a SPIFFE agent.</summary>
[Collection(nameof(AgentsInTurn))]
public sealed class SpiffeIdentityTests : IDisposable
{
    private readonly TempDirectory _directory = TempDirectory.Create();

    [Fact]
    public async Task Every_call_shows_the_token_and_a_refused_one_is_exchanged_for_another()
    {
        await using var spiffe = await FakeSpiffeAgent.StartAsync(_directory.File("s"), TimeProvider.System);
        await using var pod = await OneSecretAsync();
        pod.Run();
        await pod.Broker.Acknowledgements.NextAsync();
        await pod.Broker.Watches.NextAsync();
        var first = Assert.Single(pod.Broker.Tokens.TakeAll().Distinct());
        Assert.Equal(3, first.Split('.').Length);
        Assert.Equal(1, spiffe.Requests.Count);

        pod.Broker.EndWatches(StatusCode.Unauthenticated, BrokerProblem.TokenExpired);
        await pod.Broker.Watches.NextAsync();

        Assert.NotEqual(first, await pod.Broker.Tokens.NextAsync());
        Assert.Equal(2, spiffe.Requests.Count);
        Assert.DoesNotContain(pod.Log.Lines, line => line.Contains(first, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_spiffe_agent_that_is_not_there_yet_is_waited_for()
    {
        await using var pod = await OneSecretAsync();
        pod.Run();

        await pod.Log.WaitForAsync("no token from the SPIFFE agent at");
        await using var spiffe = await FakeSpiffeAgent.StartAsync(_directory.File("s"), TimeProvider.System);
        await pod.Broker.Acknowledgements.NextAsync();

        Assert.Equal("1", pod.Read("a"));
    }

    [Fact]
    public async Task Init_works_with_it_too()
    {
        await using var spiffe = await FakeSpiffeAgent.StartAsync(_directory.File("s"), TimeProvider.System);
        await using var pod = await OneSecretAsync();

        await pod.InitAsync();

        Assert.Equal("1", pod.Read("a"));
        Assert.Equal(["sidecar-broker"], await spiffe.Requests.NextAsync());
    }

    public void Dispose() => _directory.Dispose();

    private async Task<TestPod> OneSecretAsync()
    {
        var pod = await TestPod.StartAsync();
        pod.Identity = new SpiffeIdentity(_directory.File("s"), "sidecar-broker");
        pod.WantRaw("a", "kv/a", "x");
        pod.Broker.Put("kv/a", ("x", "1"));
        return pod;
    }
}
