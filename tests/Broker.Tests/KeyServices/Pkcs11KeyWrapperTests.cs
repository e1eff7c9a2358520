using System.Security.Cryptography;
using SidecarAgent.Broker.Crypto;
using SidecarAgent.Broker.KeyServices;

namespace SidecarAgent.Broker.Tests.KeyServices;

[Collection(SoftHsmUsers.Name)]
public sealed class Pkcs11KeyWrapperTests : IDisposable
{
    private readonly SoftHsm _hsm;
    private readonly string _label = $"kek-{Guid.NewGuid():N}";
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private readonly Pkcs11Module _module = Pkcs11Module.Load(SoftHsm.Module, TimeProvider.System);
    private readonly Pkcs11KeyWrapper _wrapper;

    public Pkcs11KeyWrapperTests(SoftHsm hsm)
    {
        _hsm = hsm;
        _wrapper = Wrapper(_label);
    }

    public void Dispose() => _wrapper.Dispose();

    [Fact]
    public async Task What_the_token_wrapped_it_unwraps_and_the_database_sees_nothing_of_it()
    {
        await MakeKeyAsync(_label);

        var wrapped = await WrapAsync();

        Assert.Matches($"^pkcs11:{_label}:[0-9a-f]{{16}}$", wrapped.KeyId);
        Assert.Equal(wrapped.KeyId, _wrapper.KeyId);
        Assert.True(_wrapper.Knows(wrapped.KeyId));
        Assert.False(_wrapper.Knows("pkcs11:other:00"));
        Assert.Equal(-1, wrapped.Bytes.AsSpan().IndexOf(_key.AsSpan(0, 8)));
        Assert.Equal(_key, await UnwrapAsync(wrapped));
        Assert.NotEqual(wrapped.Bytes, (await WrapAsync()).Bytes);
    }

    [Fact]
    public async Task A_key_made_with_pkcs11_tool_does_as_well()
    {
        SoftHsm.MakeKeyWithPkcs11Tool(_label);

        var wrapped = await WrapAsync();

        Assert.Equal($"pkcs11:{_label}:0a1b2c3d", wrapped.KeyId);
        Assert.Equal(_key, await UnwrapAsync(wrapped));
    }

    [Fact]
    public async Task A_key_is_made_once()
    {
        Assert.True(await MakeKeyAsync(_label));
        Assert.False(await MakeKeyAsync(_label));
    }

    [Fact]
    public async Task Altered_data_is_refused_and_the_token_goes_on()
    {
        await MakeKeyAsync(_label);
        var wrapped = await WrapAsync();

        for (var i = 0; i < wrapped.Bytes.Length; i += 7)
        {
            var altered = wrapped with { Bytes = [.. wrapped.Bytes] };
            altered.Bytes[i] ^= 1;
            await Assert.ThrowsAnyAsync<CryptographicException>(() => UnwrapAsync(altered));
        }

        await Assert.ThrowsAnyAsync<CryptographicException>(() => UnwrapAsync(wrapped with { Bytes = wrapped.Bytes[1..] }));
        await Assert.ThrowsAnyAsync<CryptographicException>(() => UnwrapAsync(wrapped with { KeyId = $"pkcs11:{_label}:00" }));
        Assert.Equal(_key, await UnwrapAsync(wrapped));
    }

    [Fact]
    public async Task Two_keys_of_one_token_do_not_open_each_other_s()
    {
        var otherLabel = $"{_label}-2";
        await MakeKeyAsync(_label);
        await MakeKeyAsync(otherLabel);
        using var other = Wrapper(otherLabel);
        var wrapped = await WrapAsync();
        await other.CheckAsync(CancellationToken.None);

        await Assert.ThrowsAnyAsync<CryptographicException>(
            () => other.UnwrapAsync(wrapped with { KeyId = other.KeyId! }, new byte[32], CancellationToken.None).AsTask());
        Assert.Equal(_key, await UnwrapAsync(wrapped));
    }

    [Fact]
    public async Task A_key_that_comes_when_nobody_waits_for_it_any_more_is_overwritten()
    {
        using var key = SecretBytes.CopyOf(_key);
        using var token = new ManualResetEventSlim();
        using var hungUp = new CancellationTokenSource();

        var call = _module.UseAsync(
            _ =>
            {
                token.Wait();
                return key;
            },
            hungUp.Token);
        await hungUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Equal(_key, key.Span);
        token.Set();

        await Waiting.UntilAsync(() => !key.Span.ContainsAnyExcept((byte)0));
    }

    [Fact]
    public async Task Many_at_once_share_the_sessions()
    {
        await MakeKeyAsync(_label);
        var wrapped = await WrapAsync();

        var keys = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => UnwrapAsync(wrapped)));

        Assert.All(keys, key => Assert.Equal(_key, key));
    }

    [Fact]
    public async Task A_token_that_was_pulled_is_unavailable_and_found_when_it_is_back()
    {
        await MakeKeyAsync(_label);
        var wrapped = await WrapAsync();

        _hsm.Pull();
        try
        {
            // The library may go on with what it has read; one that is initialized anew finds nothing.
            await _module.RestartAsync(_module.Generation, CancellationToken.None);
            var failure = await Assert.ThrowsAsync<KeyUnavailableException>(() => UnwrapAsync(wrapped));
            Assert.Contains("sees no token of that label", failure.Message, StringComparison.Ordinal);
            await Assert.ThrowsAsync<KeyUnavailableException>(() => _wrapper.CheckAsync(CancellationToken.None).AsTask());
        }
        finally
        {
            _hsm.PutBack();
        }

        Assert.Equal(_key, await UnwrapAsync(wrapped));
    }

    [Fact]
    public async Task Sessions_that_died_are_replaced_without_anybody_noticing()
    {
        await MakeKeyAsync(_label);
        var wrapped = await WrapAsync();

        for (var i = 0; i < 3; i++)
        {
            await _module.UseAsync(
                library =>
                {
                    foreach (var slot in library.GetSlotList(Net.Pkcs11Interop.Common.SlotsType.WithTokenPresent))
                        slot.CloseAllSessions();
                    return true;
                },
                CancellationToken.None);
            Assert.Equal(_key, await UnwrapAsync(wrapped));
        }
    }

    [Fact]
    public async Task A_key_that_is_not_there_is_said_with_the_command_that_makes_it()
    {
        var failure = await Assert.ThrowsAsync<KeyUnavailableException>(() => WrapAsync());

        Assert.Contains($"has no AES key labelled {_label}; 'sidecar-broker init-key --config' makes it", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_PIN_is_tried_once_and_the_right_one_when_the_file_has_it()
    {
        await MakeKeyAsync(_label);
        await _module.RestartAsync(_module.Generation, CancellationToken.None);
        _hsm.WritePin("00000000");
        try
        {
            // More often than a token would allow before it locks itself.
            for (var i = 0; i < 20; i++)
            {
                var failure = await Assert.ThrowsAsync<KeyUnavailableException>(() => WrapAsync());
                Assert.Contains("refused the PIN", failure.Message, StringComparison.Ordinal);
                Assert.DoesNotContain("00000000", failure.ToString(), StringComparison.Ordinal);
            }
        }
        finally
        {
            _hsm.WritePin(SoftHsm.Pin);
        }

        Assert.Equal(_key, await UnwrapAsync(await WrapAsync()));
    }

    [Fact]
    public async Task A_PIN_that_others_can_read_is_refused()
    {
        await MakeKeyAsync(_label);
        await _module.RestartAsync(_module.Generation, CancellationToken.None);
        File.SetUnixFileMode(_hsm.PinFile, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        try
        {
            var failure = await Assert.ThrowsAsync<KeyUnavailableException>(() => WrapAsync());
            Assert.Contains("chmod 600", failure.Message, StringComparison.Ordinal);
        }
        finally
        {
            _hsm.WritePin(SoftHsm.Pin);
        }
    }

    [Fact]
    public void A_file_that_is_no_module_is_refused()
    {
        var failure = Assert.Throws<CannotStartException>(() => Pkcs11Module.Load("/usr/lib/none.so", TimeProvider.System));

        Assert.Contains("/usr/lib/none.so cannot be used", failure.Message, StringComparison.Ordinal);
    }

    private Pkcs11KeyWrapper Wrapper(string label) => new(_module, _hsm.Key(label));

    private Task<bool> MakeKeyAsync(string label) =>
        _module.UseAsync(new Pkcs11Token(_hsm.Key(label)).MakeKey, CancellationToken.None);

    private Task<WrappedKey> WrapAsync() => _wrapper.WrapAsync(_key, CancellationToken.None).AsTask();

    private async Task<byte[]> UnwrapAsync(WrappedKey wrapped)
    {
        var key = new byte[32];
        await _wrapper.UnwrapAsync(wrapped, key, CancellationToken.None);
        return key;
    }
}
