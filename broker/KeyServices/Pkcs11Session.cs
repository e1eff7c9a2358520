using System.Security.Cryptography;
using Net.Pkcs11Interop.Common;
using IObjectHandle = Net.Pkcs11Interop.HighLevelAPI.IObjectHandle;
using ISession = Net.Pkcs11Interop.HighLevelAPI.ISession;

namespace SidecarAgent.Broker.KeyServices;

/// <summary>
/// A session with a token, logged in, and the handle of the key in it. AES-256-GCM inside the token: the KEK never
/// leaves it.
/// </summary>
/// <param name="session">Its own.</param>
/// <param name="key">The KEK.</param>
/// <param name="keyId">Hexadecimal CKA_ID of the KEK.</param>
/// <param name="generation">Of the module, when the session was opened.</param>
internal sealed class Pkcs11Session(ISession session, IObjectHandle key, string keyId, int generation) : IDisposable
{
    private const int NonceSize = 12;
    private const int TagSize = 16;

    // Keeps a wrapped data key from ever being taken for something else that this key encrypts.
    private static readonly byte[] Purpose = "sidecar-agent data key 1"u8.ToArray();

    public string KeyId => keyId;

    public int Generation => generation;

    /// <returns>Nonce, ciphertext and tag.</returns>
    public byte[] Encrypt(ReadOnlySpan<byte> dataKey)
    {
        var plain = GC.AllocateUninitializedArray<byte>(dataKey.Length, pinned: true);
        try
        {
            dataKey.CopyTo(plain);
            var nonce = RandomNumberGenerator.GetBytes(NonceSize);
            using var parameters = Parameters(nonce);
            using var mechanism = session.Factories.MechanismFactory.Create(CKM.CKM_AES_GCM, parameters);
            return [.. nonce, .. session.Encrypt(mechanism, key, plain)];
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plain);
        }
    }

    /// <exception cref="CryptographicException">Altered, or wrapped by another key.</exception>
    public void Decrypt(byte[] wrapped, Span<byte> dataKey)
    {
        if (wrapped.Length != NonceSize + dataKey.Length + TagSize)
            throw new CryptographicException("The wrapped data key has the wrong length.");
        byte[] plain = [];
        try
        {
            using var parameters = Parameters(wrapped[..NonceSize]);
            using var mechanism = session.Factories.MechanismFactory.Create(CKM.CKM_AES_GCM, parameters);
            plain = session.Decrypt(mechanism, key, wrapped[NonceSize..]);
            if (plain.Length != dataKey.Length)
                throw new CryptographicException("The unwrapped data key has the wrong length.");
            plain.CopyTo(dataKey);
        }
        catch (Pkcs11Exception e) when (e.RV is CKR.CKR_ENCRYPTED_DATA_INVALID or CKR.CKR_ENCRYPTED_DATA_LEN_RANGE)
        {
            throw new CryptographicException("The wrapped data key was altered.", e);
        }
        catch (Pkcs11Exception e) when (e.RV is CKR.CKR_GENERAL_ERROR or CKR.CKR_FUNCTION_FAILED)
        {
            // What some tokens say when they are broken, and others when the ciphertext is. Another try tells which.
            Probe();
            throw new CryptographicException("The token cannot unwrap the data key, and works with others: it was altered.", e);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plain);
        }
    }

    /// <summary>Whether the token works: there and back again with a key that means nothing.</summary>
    public void Probe()
    {
        Span<byte> back = stackalloc byte[32];
        var there = Encrypt(back);
        using var parameters = Parameters(there[..NonceSize]);
        using var mechanism = session.Factories.MechanismFactory.Create(CKM.CKM_AES_GCM, parameters);
        session.Decrypt(mechanism, key, there[NonceSize..]);
    }

    public void Dispose()
    {
        try
        {
            session.Dispose();
        }
        catch (Pkcs11Exception)
        {
            // The token is gone, and the session with it.
        }
    }

    private Net.Pkcs11Interop.HighLevelAPI.MechanismParams.ICkGcmParams Parameters(byte[] nonce) =>
        session.Factories.MechanismParamsFactory.CreateCkGcmParams(nonce, NonceSize * 8, Purpose, TagSize * 8);
}
