using Microsoft.Extensions.Time.Testing;
using SidecarAgent.Broker.Tests.KeyServices;
using SidecarAgent.Testing;
using SidecarAgent.V1;

using State = SidecarAgent.V1.Rotation.Types.State;

namespace SidecarAgent.Broker.Tests.Rotation;

/// <summary>Rotations while the key service is away, which seals what is new.</summary>
public sealed class RotationWithoutKeyTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _clock = new(TimeProvider.System.GetUtcNow());
    private readonly TempDirectory _directory = TempDirectory.Create();
    private readonly TurnTakingServer _server = TurnTakingServer.Create();
    private KmsPlugin _plugin = null!;
    private RunningBroker _broker = null!;

    public async Task InitializeAsync()
    {
        _plugin = await KmsPlugin.StartAsync(_directory.File("kms.sock"));
        _broker = await RunningBroker.StartAsync(
            _clock, AccountRotationTests.Policies, key: $"{{ kms: 'unix://{_plugin.Socket}', cache: 1h }}",
            configuration: AccountRotationTests.Configuration, connect: _ => _server);
        await UntilAsync(rotation => rotation is { State: State.Done, ToVersion: 1 });
    }

    public async Task DisposeAsync()
    {
        await _broker.DisposeAsync();
        await _server.DisposeAsync();
        await _plugin.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task What_is_tainted_is_revoked_though_no_successor_can_be_sealed_and_goes_on_when_the_key_is_back()
    {
        using var holder = new WatchingHolder(_broker.Client(_broker.Issuer.Token(lifetime: TimeSpan.FromDays(2))), AccountRotationTests.Path);
        var first = (await holder.AcknowledgeNextAsync()).Issued;
        await _plugin.StopAsync();

        await _broker.Admin.TaintSecretAsync(new TaintSecretRequest { Path = AccountRotationTests.Path });
        await _clock.AdvanceUntilAsync(() => !LetsIn(first) && !_server.Ended.IsEmpty);
        var waiting = await UntilAsync(rotation => rotation is { State: State.Preparing, Reason.Length: > 0 });
        await _plugin.StartAsync();
        var next = holder.NextAsync();
        await _clock.AdvanceUntilAsync(() => next.IsCompleted, TimeSpan.FromSeconds(1));

        Assert.Contains("the KMS plugin cannot be used", waiting.Reason, StringComparison.Ordinal);
        Assert.True(LetsIn((await next).Issued));
    }

    private bool LetsIn(Issued issued) => _server.LetsIn(issued.Text("username"), issued.Text("password"));

    private async Task<V1.Rotation> UntilAsync(Func<V1.Rotation, bool> isSo)
    {
        V1.Rotation? found = null;
        await _clock.AdvanceUntilAsync(
            () => _broker.Admin.GetRotation(new GetRotationRequest { Path = AccountRotationTests.Path }).Rotation is { } rotation
                && isSo(found = rotation),
            TimeSpan.FromSeconds(1));
        return found!;
    }
}
