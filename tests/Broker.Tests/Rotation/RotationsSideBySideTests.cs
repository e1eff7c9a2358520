using Microsoft.Extensions.Time.Testing;
using SidecarAgent.V1;

using State = SidecarAgent.V1.Rotation.Types.State;

namespace SidecarAgent.Broker.Tests.Rotation;

/// <summary>Rotations of one server, and what they are to those of another.</summary>
public sealed class RotationsSideBySideTests : IAsyncLifetime
{
    private const int Slow = 6;

    private readonly FakeTimeProvider _clock = new(TimeProvider.System.GetUtcNow());
    private readonly TurnTakingServer _quick = TurnTakingServer.Create();
    private readonly TurnTakingServer _slow = TurnTakingServer.Create();
    private RunningBroker _broker = null!;

    private static string Roles =>
        string.Join(", ", Enumerable.Range(0, Slow).Select(i => $"{{ name: r{i}, rotate: [ r{i}_a, r{i}_b ] }}"));

    private static string Configuration =>
        AccountRotationTests.Configuration.Replace(
            "rotation:",
            $$"""
              - path: slow
                engine: postgres
                connection: { host: slow.shop, user: broker, passwordFile: password }
                roles: [ {{Roles}} ]
            rotation:
            """,
            StringComparison.Ordinal);

    public async Task InitializeAsync()
    {
        _broker = await RunningBroker.StartAsync(
            _clock, AccountRotationTests.Policies, configuration: Configuration,
            connect: mount => mount.Path == "slow" ? _slow : _quick);
        foreach (var path in Enumerable.Range(0, Slow).Select(SlowPath).Append(AccountRotationTests.Path))
            await _clock.AdvanceUntilAsync(() => Rotation(path) is { State: State.Done, ToVersion: 1 });
    }

    public async Task DisposeAsync()
    {
        await _broker.DisposeAsync();
        await _quick.DisposeAsync();
        await _slow.DisposeAsync();
    }

    [Fact]
    public async Task A_server_that_hangs_holds_up_nothing_of_another()
    {
        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var before = _slow.Asked;
        _slow.Answers = answer.Task;
        var hanging = Enumerable.Range(0, Slow).Select(i => RotateAsync(SlowPath(i))).ToList();
        await Waiting.UntilAsync(() => _slow.Asked >= before + 4);

        var rotated = await RotateAsync(AccountRotationTests.Path).WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System);
        answer.SetResult();
        await Task.WhenAll(hanging);

        Assert.Equal(2UL, rotated.Rotation.ToVersion);
        Assert.All(hanging, one => Assert.Equal(2UL, one.Result.Rotation.ToVersion));
    }

    private static string SlowPath(int i) => $"slow/static/r{i}";

    private async Task<RotateSecretResponse> RotateAsync(string path) =>
        await _broker.Admin.RotateSecretAsync(new RotateSecretRequest { Path = path });

    private V1.Rotation? Rotation(string path) => _broker.Admin.GetRotation(new GetRotationRequest { Path = path }).Rotation;
}
