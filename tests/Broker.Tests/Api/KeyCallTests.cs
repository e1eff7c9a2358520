using Grpc.Core;
using Microsoft.Extensions.Time.Testing;
using SidecarAgent.Broker.Crypto;
using SidecarAgent.Broker.Tests.KeyServices;
using SidecarAgent.Testing;
using SidecarAgent.V1;

namespace SidecarAgent.Broker.Tests.Api;

/// <summary>Operators and keys, over the wire: files, a KMS plugin, a token.</summary>
[Collection(SoftHsmUsers.Name)]
public sealed class KeyCallTests(SoftHsm hsm) : IDisposable
{
    private readonly TempDirectory _directory = TempDirectory.Create();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_key_in_a_file_is_rotated_and_all_is_wrapped_anew_while_the_broker_serves()
    {
        await using var broker = await RunningBroker.StartAsync();
        for (var i = 0; i < 25; i++)
            await broker.Admin.PutSecretAsync(Requests.Put($"kv/shop/s{i}", ("password", $"value-{i}"), ("user", "u")));

        var rotated = await broker.Admin.RotateKeyAsync(new RotateKeyRequest());
        await broker.Admin.PutSecretAsync(Requests.Put("kv/shop/new", ("password", "new")));
        var before = await broker.Admin.GetKeyStatusAsync(new GetKeyStatusRequest());
        Assert.Equal(
            [(rotated.PreviousKeyId, false, 50ul), (rotated.KeyId, true, 1ul)],
            before.Keys.Select(key => (key.KeyId, key.Current, key.Fields)).OrderBy(key => key.Current));
        Assert.True(File.Exists(rotated.PreviousFile));

        var progress = await RewrapAsync(broker, 100_000);
        var after = await broker.Admin.GetKeyStatusAsync(new GetKeyStatusRequest());

        Assert.Equal((50ul, 0ul), (progress[0].Total, progress[0].Done));
        Assert.Equal((50ul, 50ul, 0ul, true), (progress[^1].Total, progress[^1].Done, progress[^1].Failed, progress[^1].Finished));
        Assert.Equal([(rotated.KeyId, 51ul)], after.Keys.Select(key => (key.KeyId, key.Fields)));
        Assert.Contains("\"action\":\"key_rewrap\"", broker.AuditLog, StringComparison.Ordinal);

        // Nothing needs the earlier key any longer.
        File.Delete(rotated.PreviousFile);
        await broker.RestartAsync();
        for (var i = 0; i < 25; i++)
            Assert.Equal($"value-{i}", (await broker.Client().FetchAsync(Requests.Fetch($"kv/shop/s{i}"))).Updates.Single().Issued.Text());
    }

    [Fact]
    public async Task A_rewrap_that_was_interrupted_goes_on_where_it_was()
    {
        await using var broker = await RunningBroker.StartAsync();
        for (var i = 0; i < 30; i++)
            await broker.Admin.PutSecretAsync(Requests.Put($"kv/shop/s{i}", ("password", $"value-{i}")));
        await broker.Admin.RotateKeyAsync(new RotateKeyRequest());

        ulong done;
        using (var call = broker.Admin.RewrapKeys(new RewrapKeysRequest { MaxPerSecond = 25 }))
        {
            do
                Assert.True(await call.ResponseStream.MoveNext());
            while (call.ResponseStream.Current.Done < 5);
            done = call.ResponseStream.Current.Done;
        }

        List<RewrapKeysResponse> rest = [];
        while (rest.Count == 0)
        {
            try
            {
                rest = await RewrapAsync(broker, 100_000);
            }
            catch (RpcException e) when (e.Reason() == "REWRAP_RUNNING")
            {
                // The interrupted one has not noticed yet.
            }
        }

        Assert.InRange(rest[0].Total, 1ul, 30 - done);
        Assert.Equal(rest[0].Total, rest[^1].Done);
        Assert.Single((await broker.Admin.GetKeyStatusAsync(new GetKeyStatusRequest())).Keys);
    }

    [Fact]
    public async Task A_data_key_that_cannot_be_unwrapped_is_counted_and_stays_and_the_others_go_on()
    {
        await using var broker = await RunningBroker.StartAsync();
        await broker.Admin.PutSecretAsync(Requests.Put("kv/shop/a", ("password", "a")));
        await broker.Admin.PutSecretAsync(Requests.Put("kv/shop/b", ("password", "b")));
        await broker.StopAsync();
        using (var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={broker.File("broker.db")};Pooling=False"))
        {
            await connection.OpenAsync();
            using var command = connection.CreateCommand();
            command.CommandText = "UPDATE secret_field SET wrapped_key = zeroblob(60) WHERE path = 'kv/shop/a'";
            await command.ExecuteNonQueryAsync();
        }

        await broker.StartServerAsync();
        var rotated = await broker.Admin.RotateKeyAsync(new RotateKeyRequest());
        var end = (await RewrapAsync(broker, 0))[^1];

        Assert.Equal((2ul, 1ul, 1ul), (end.Total, end.Done, end.Failed));
        Assert.NotEmpty(end.Problem);
        var keys = (await broker.Admin.GetKeyStatusAsync(new GetKeyStatusRequest())).Keys;
        Assert.Equal(1ul, keys.Single(key => key.KeyId == rotated.PreviousKeyId).Fields);
        Assert.Equal("b", (await broker.Client().FetchAsync(Requests.Fetch("kv/shop/b"))).Updates.Single().Issued.Text());
    }

    [Fact]
    public async Task From_a_file_to_a_KMS_and_on_with_its_new_key()
    {
        await using var plugin = await KmsPlugin.StartAsync(_directory.File("kms.sock"));
        KeyFile.Create(_directory.File("old"));
        await using var broker = await RunningBroker.StartAsync(
            key: $"{{ kms: 'unix://{plugin.Socket}', previous: [ {{ file: {_directory.File("old")} }} ], cache: 1m }}");
        await broker.Admin.PutSecretAsync(Requests.Put("kv/shop/db", ("password", "one")));
        plugin.KeyId = "key-2";

        var end = (await RewrapAsync(broker, 0))[^1];
        var status = await broker.Admin.GetKeyStatusAsync(new GetKeyStatusRequest());

        Assert.Equal(("kms:key-2", 1ul), (end.KeyId, end.Done));
        Assert.Equal([("kms:key-2", true, 1ul)], status.Keys.Select(key => (key.KeyId, key.Current, key.Fields)));
        Assert.Equal(($"kms unix://{plugin.Socket}", ""), (status.Services.Single().Name, status.Services.Single().Problem));
        plugin.Destroy("key-1");
        await broker.RestartAsync();
        Assert.Equal("one", (await broker.Client().FetchAsync(Requests.Fetch("kv/shop/db"))).Updates.Single().Issued.Text());
        var failure = await Assert.ThrowsAsync<RpcException>(() => broker.Admin.RotateKeyAsync(new RotateKeyRequest()).ResponseAsync);
        Assert.Equal("KEY_NOT_ROTATED", failure.Reason());
    }

    [Fact]
    public async Task Without_its_KMS_the_broker_goes_on_with_what_is_in_memory_and_then_refuses_clearly()
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var plugin = await KmsPlugin.StartAsync(_directory.File("kms.sock"));
        await using var broker = await RunningBroker.StartAsync(clock, key: $"{{ kms: 'unix://{plugin.Socket}', cache: 10m }}");
        await broker.Admin.PutSecretAsync(Requests.Put("kv/shop/db", ("password", "one")));
        using var metrics = broker.Metrics;
        Assert.Contains("keys: ok", await metrics.GetStringAsync("/readyz"), StringComparison.Ordinal);

        await plugin.StopAsync();
        var put = await Assert.ThrowsAsync<RpcException>(() => broker.Admin.PutSecretAsync(Requests.Put("kv/shop/x", ("p", "v"))).ResponseAsync);
        Assert.Equal((StatusCode.Unavailable, "KEY_UNAVAILABLE", TimeSpan.FromSeconds(10)), (put.StatusCode, put.Reason(), put.RetryDelay()));
        Assert.Equal("one", await FetchAsync());
        Assert.Contains("keys: kms unix://", await metrics.GetStringAsync("/readyz"), StringComparison.Ordinal);
        Assert.Matches(@"sidecar_broker_key_service_up(\{\})? 0", await metrics.GetStringAsync("/metrics"));

        clock.Advance(TimeSpan.FromMinutes(11));
        var failed = (await broker.Client(broker.Issuer.Token()).FetchAsync(Requests.Fetch("kv/shop/db"))).Updates.Single().Failed;
        Assert.Equal(10, failed.RetryAfter.Seconds);
        Assert.Contains("the broker cannot decrypt kv/shop/db now: the KMS plugin cannot be used", failed.Message, StringComparison.Ordinal);

        // A broker that is started meanwhile serves what needs no key.
        await broker.RestartAsync();
        Assert.Equal(SecretUpdate.OutcomeOneofCase.Failed, (await broker.Client(broker.Issuer.Token()).FetchAsync(Requests.Fetch("kv/shop/db"))).Updates.Single().OutcomeCase);
        await plugin.StartAsync();
        var call = broker.Client(broker.Issuer.Token()).Watch(Requests.Watch("kv/shop/db"));
        while (true)
        {
            Assert.True(await NextWhileAdvancingAsync(call));
            if (call.ResponseStream.Current.Updates.Single().OutcomeCase == SecretUpdate.OutcomeOneofCase.Issued)
                break;
        }

        async Task<string> FetchAsync() =>
            (await broker.Client(broker.Issuer.Token()).FetchAsync(Requests.Fetch("kv/shop/db"))).Updates.Single().Issued.Text();

        async Task<bool> NextWhileAdvancingAsync(AsyncServerStreamingCall<WatchResponse> watch)
        {
            var next = watch.ResponseStream.MoveNext();
            await clock.AdvanceUntilAsync(() => next.IsCompleted, TimeSpan.FromSeconds(1));
            return await next;
        }
    }

    [Fact]
    public async Task A_key_in_a_token_is_made_by_the_broker_s_command_and_serves_it()
    {
        var label = $"kek-{Guid.NewGuid():N}";
        var token = hsm.Key(label);
        await using var broker = await RunningBroker.StartAsync(
            key: $"{{ pkcs11: {{ module: {token.Module}, tokenLabel: {token.TokenLabel}, keyLabel: {label}, pinFile: {token.PinFile} }} }}");
        var early = await Assert.ThrowsAsync<RpcException>(() => broker.Admin.PutSecretAsync(Requests.Put("kv/shop/db", ("password", "one"))).ResponseAsync);
        Assert.Contains("init-key --config", early.Status.Detail, StringComparison.Ordinal);
        await broker.StopAsync();

        Assert.Equal(0, await Commands.RunAsync(["init-key", "--config", broker.File("broker.yaml")]));
        Assert.Equal(1, await Commands.RunAsync(["init-key", "--config", broker.File("broker.yaml")]));
        await broker.StartServerAsync();
        await broker.Admin.PutSecretAsync(Requests.Put("kv/shop/db", ("password", "one")));
        await broker.RestartAsync();

        Assert.Equal("one", (await broker.Client().FetchAsync(Requests.Fetch("kv/shop/db"))).Updates.Single().Issued.Text());
        var key = (await broker.Admin.GetKeyStatusAsync(new GetKeyStatusRequest())).Keys.Single();
        Assert.StartsWith($"pkcs11:{label}:", key.KeyId, StringComparison.Ordinal);
    }

    private static async Task<List<RewrapKeysResponse>> RewrapAsync(RunningBroker broker, uint rate)
    {
        using var call = broker.Admin.RewrapKeys(new RewrapKeysRequest { MaxPerSecond = rate });
        var progress = new List<RewrapKeysResponse>();
        while (await call.ResponseStream.MoveNext())
            progress.Add(call.ResponseStream.Current.Clone());
        return progress;
    }
}
