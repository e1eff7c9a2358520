using System.Security.Cryptography;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.Time.Testing;
using SidecarAgent.Broker.Crypto;
using SidecarAgent.Broker.KeyServices;
using SidecarAgent.Kms.V2;
using SidecarAgent.Testing;

namespace SidecarAgent.Broker.Tests.KeyServices;

public sealed class KmsKeyWrapperTests : IAsyncLifetime, IDisposable
{
    private readonly TempDirectory _directory = TempDirectory.Create();
    private readonly FakeTimeProvider _clock = new();
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private KmsPlugin _plugin = null!;
    private KmsKeyWrapper _wrapper = null!;

    public async Task InitializeAsync()
    {
        _plugin = await KmsPlugin.StartAsync(_directory.File("kms.sock"));
        _wrapper = new KmsKeyWrapper(_plugin.Socket, _clock);
    }

    public async Task DisposeAsync() => await _plugin.DisposeAsync();

    public void Dispose()
    {
        _wrapper.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task What_the_plugin_wrapped_it_unwraps_also_for_a_broker_that_was_started_again()
    {
        var wrapped = await WrapAsync();
        using var again = new KmsKeyWrapper(_plugin.Socket, _clock);

        Assert.Equal("kms:key-1", wrapped.KeyId);
        Assert.Equal(-1, wrapped.Bytes.AsSpan().IndexOf(_key.AsSpan(0, 8)));
        Assert.Equal(_key, await UnwrapAsync(again, wrapped));
    }

    [Fact]
    public async Task Its_status_tells_the_key_that_it_uses()
    {
        Assert.Null(_wrapper.KeyId);

        await _wrapper.CheckAsync(CancellationToken.None);
        Assert.Equal("kms:key-1", _wrapper.KeyId);

        _plugin.KeyId = "key-2";
        await _wrapper.CheckAsync(CancellationToken.None);
        Assert.Equal("kms:key-2", _wrapper.KeyId);
    }

    [Fact]
    public async Task After_a_change_of_keys_the_new_one_wraps_and_both_unwrap()
    {
        var first = await WrapAsync();
        _plugin.KeyId = "key-2";
        var second = await WrapAsync();

        Assert.Equal(("kms:key-1", "kms:key-2"), (first.KeyId, second.KeyId));
        Assert.Equal("kms:key-2", _wrapper.KeyId);
        Assert.Equal(_key, await UnwrapAsync(_wrapper, first));
        Assert.Equal(_key, await UnwrapAsync(_wrapper, second));
    }

    [Fact]
    public async Task A_plugin_that_is_not_there_is_unavailable_and_found_when_it_is()
    {
        var wrapped = await WrapAsync();
        await _plugin.StopAsync();

        await UnavailableAsync("cannot be used", () => UnwrapAsync(_wrapper, wrapped));
        await UnavailableAsync("cannot be used", WrapAsync);
        await UnavailableAsync("cannot be used", () => _wrapper.CheckAsync(CancellationToken.None).AsTask());

        await _plugin.StartAsync();
        Assert.Equal(_key, await UnwrapAsync(_wrapper, wrapped));
    }

    [Fact]
    public async Task A_plugin_that_does_not_answer_is_given_up_after_five_seconds()
    {
        _plugin.Gate = new TaskCompletionSource().Task;

        var waiting = WrapAsync();
        await _clock.AdvanceUntilAsync(() => waiting.IsCompleted, TimeSpan.FromMilliseconds(500));

        await UnavailableAsync("did not answer within 5 s", () => waiting);
    }

    [Theory]
    [InlineData("the HSM\nis on fire", "v2", "not healthy: the HSM?is on fire")]
    [InlineData("", "v2", "not healthy")]
    [InlineData("ok", "v1beta1", "it speaks 'v1beta1', and not v2")]
    public async Task A_status_that_is_not_good_says_why(string healthz, string version, string problem)
    {
        _plugin.Healthz = healthz;
        _plugin.Version = version;

        await UnavailableAsync(problem, () => _wrapper.CheckAsync(CancellationToken.None).AsTask());
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\nb")]
    [InlineData("long")]
    public async Task A_key_id_must_be_text_of_at_most_1_KiB(string keyId)
    {
        _plugin.KeyId = keyId == "long" ? new string('k', 1025) : keyId;

        await UnavailableAsync("a key_id is text of 1 to 1024 bytes", () => _wrapper.CheckAsync(CancellationToken.None).AsTask());
        await UnavailableAsync("a key_id is text of 1 to 1024 bytes", WrapAsync);
    }

    public static TheoryData<string, string, int> Spoilt => new()
    {
        { "ciphertext has 1 to 1024 bytes", "ciphertext", 0 },
        { "ciphertext has 1 to 1024 bytes", "ciphertext", 1025 },
        { "annotations have at most 32 KiB", "annotation", 32 * 1024 },
        { "cannot be used: ResourceExhausted", "ciphertext", 70_000 },
    };

    [Theory]
    [MemberData(nameof(Spoilt))]
    public async Task An_answer_over_the_limits_is_not_stored(string problem, string what, int size)
    {
        _plugin.Spoil = response =>
        {
            if (what == "ciphertext")
                response.Ciphertext = ByteString.CopyFrom(new byte[size]);
            else
                response.Annotations["big.kms.test"] = ByteString.CopyFrom(new byte[size]);
        };

        await UnavailableAsync(problem, WrapAsync);
    }

    [Theory]
    [InlineData(StatusCode.Unavailable)]
    [InlineData(StatusCode.ResourceExhausted)]
    [InlineData(StatusCode.DeadlineExceeded)]
    public async Task An_error_of_the_service_is_no_error_of_the_data(StatusCode code)
    {
        var wrapped = await WrapAsync();
        _plugin.Failure = new Status(code, "later");

        await UnavailableAsync("later", () => UnwrapAsync(_wrapper, wrapped));
    }

    [Fact]
    public async Task A_key_that_the_KMS_has_destroyed_is_refused_and_not_waited_for()
    {
        var wrapped = await WrapAsync();
        _plugin.KeyId = "key-2";
        _plugin.Destroy("key-1");

        var refusal = await Assert.ThrowsAsync<CryptographicException>(() => UnwrapAsync(_wrapper, wrapped));

        Assert.Contains("refuses to unwrap what kms:key-1 has wrapped: there is no key key-1", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_error_counts_as_the_data_s_if_the_plugin_is_healthy_and_as_the_plugin_s_if_not()
    {
        var stored = EncryptResponse.Parser.ParseFrom((await WrapAsync()).Bytes);
        stored.Ciphertext = ByteString.CopyFrom([.. stored.Ciphertext.Span[..^1], 0xff, 0x00]);
        var altered = new WrappedKey("kms:key-1", stored.ToByteArray());

        await Assert.ThrowsAsync<CryptographicException>(() => UnwrapAsync(_wrapper, altered));

        _plugin.Healthz = "no quorum";
        await UnavailableAsync("no quorum", () => UnwrapAsync(_wrapper, altered));
    }

    [Fact]
    public async Task A_record_that_was_moved_to_another_key_id_or_is_none_is_refused()
    {
        var wrapped = await WrapAsync();

        await Assert.ThrowsAsync<CryptographicException>(() => UnwrapAsync(_wrapper, wrapped with { KeyId = "kms:key-9" }));
        await Assert.ThrowsAsync<CryptographicException>(() => UnwrapAsync(_wrapper, wrapped with { Bytes = [0xff, 0xff, 0xff] }));
        Assert.False(_wrapper.Knows("file:0123456789abcdef"));
    }

    private Task<WrappedKey> WrapAsync() => _wrapper.WrapAsync(_key, CancellationToken.None).AsTask();

    private static async Task<byte[]> UnwrapAsync(KmsKeyWrapper wrapper, WrappedKey wrapped)
    {
        var key = new byte[32];
        await wrapper.UnwrapAsync(wrapped, key, CancellationToken.None);
        return key;
    }

    private static async Task UnavailableAsync(string saying, Func<Task> call)
    {
        var failure = await Assert.ThrowsAsync<KeyUnavailableException>(call);
        Assert.Contains(saying, failure.Message, StringComparison.Ordinal);
    }
}
