using System.Collections.Concurrent;
using System.Security.Cryptography;
using SidecarAgent.Broker.Configuration;
using SidecarAgent.Broker.Crypto;

namespace SidecarAgent.Broker.KeyServices;

/// <summary>
/// A KEK in a PKCS#11 token, such as an HSM. Sessions are kept and used again. A call that fails for any reason but the
/// data is tried once more after the library was initialized anew: so a token that was pulled and put back, or an HSM
/// that was restarted, is found again.
/// </summary>
internal sealed class Pkcs11KeyWrapper(Pkcs11Module module, KekOptions.InToken options) : IKeyWrapper
{
    private readonly Pkcs11Module _module = module.Share();
    private readonly Pkcs11Token _token = new(options);
    private readonly ConcurrentBag<Pkcs11Session> _idle = [];
    private readonly string _scheme = $"pkcs11:{options.KeyLabel}:";
    private volatile string? _keyId;

    public string? KeyId => _keyId;

    public bool Knows(string keyId) => keyId.StartsWith(_scheme, StringComparison.Ordinal);

    public bool TryUnwrap(WrappedKey wrapped, Span<byte> key) => false;

    public async ValueTask<WrappedKey> WrapAsync(ReadOnlyMemory<byte> key, CancellationToken cancellationToken) =>
        await CallAsync(
            session => new WrappedKey(_scheme + session.KeyId, session.Encrypt(key.Span)), cancellationToken);

    public async ValueTask UnwrapAsync(WrappedKey wrapped, Memory<byte> key, CancellationToken cancellationToken)
    {
        // The call may outlive the wait for it, and then must not write into memory that is somebody else's by then.
        var copy = await CallAsync(
            session =>
            {
                if (wrapped.KeyId != _scheme + session.KeyId)
                {
                    throw new CryptographicException(
                        $"The data key is wrapped by {wrapped.KeyId}, and the token's key is {_scheme}{session.KeyId}.");
                }

                var unwrapped = new SecretBytes(key.Length);
                session.Decrypt(wrapped.Bytes, unwrapped.Span);
                return unwrapped;
            },
            cancellationToken);
        using (copy)
            copy.Span.CopyTo(key.Span);
    }

    public async ValueTask CheckAsync(CancellationToken cancellationToken) =>
        await CallAsync(
            session =>
            {
                session.Probe();
                return true;
            },
            cancellationToken);

    public void Dispose()
    {
        while (TakeIdle() is { } session)
            session.Dispose();
        _module.Dispose();
    }

    private async Task<T> CallAsync<T>(Func<Pkcs11Session, T> work, CancellationToken cancellationToken)
    {
        var generation = _module.Generation;
        try
        {
            return await UseSessionAsync(work, cancellationToken);
        }
        catch (Exception e) when (Pkcs11Module.IsFailure(e))
        {
            await _module.RestartAsync(generation, cancellationToken);
        }

        try
        {
            return await UseSessionAsync(work, cancellationToken);
        }
        catch (Exception e) when (Pkcs11Module.IsFailure(e))
        {
            throw new KeyUnavailableException($"the token {options.TokenLabel} does not work: {e.Message}", e);
        }
    }

    private Task<T> UseSessionAsync<T>(Func<Pkcs11Session, T> work, CancellationToken cancellationToken) =>
        _module.UseAsync(
            library =>
            {
                var session = TakeIdle() ?? _token.OpenSession(library, _module.Generation);
                try
                {
                    var result = work(session);
                    _keyId = _scheme + session.KeyId;
                    _idle.Add(session);
                    return result;
                }
                catch (CryptographicException)
                {
                    _idle.Add(session);
                    throw;
                }
                catch
                {
                    session.Dispose();
                    throw;
                }
            },
            cancellationToken);

    private Pkcs11Session? TakeIdle()
    {
        while (_idle.TryTake(out var session))
        {
            // One of an earlier generation ended with it; its handle may be another session's by now, so it is left alone.
            if (session.Generation == _module.Generation)
                return session;
        }

        return null;
    }
}
