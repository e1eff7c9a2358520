using System.Security.Cryptography;
using Net.Pkcs11Interop.Common;
using Net.Pkcs11Interop.HighLevelAPI;
using SidecarAgent.Broker.Configuration;
using SidecarAgent.Broker.Crypto;

using ISession = Net.Pkcs11Interop.HighLevelAPI.ISession;

namespace SidecarAgent.Broker.KeyServices;

/// <summary>Finds the token, logs in, finds the key. Everything blocks.</summary>
internal sealed class Pkcs11Token(KekOptions.InToken options)
{
    private const int MaxPin = 256;

    private readonly Lock _lock = new();

    // A token locks itself after a few wrong PINs, so one that was wrong is never tried twice.
    private byte[]? _refusedPin;

    /// <exception cref="KeyUnavailableException">The token, the key or the PIN is not as configured.</exception>
    public Pkcs11Session OpenSession(IPkcs11Library library, int generation)
    {
        var session = LogIn(library, SessionType.ReadOnly);
        try
        {
            var attributes = session.Factories.ObjectAttributeFactory;
            var found = session.FindAllObjects(
            [
                attributes.Create(CKA.CKA_CLASS, CKO.CKO_SECRET_KEY),
                attributes.Create(CKA.CKA_KEY_TYPE, CKK.CKK_AES),
                attributes.Create(CKA.CKA_LABEL, options.KeyLabel),
            ]);
            if (found.Count != 1)
            {
                throw new KeyUnavailableException(
                    found.Count == 0
                        ? $"the token {options.TokenLabel} has no AES key labelled {options.KeyLabel}; "
                            + "'sidecar-broker init-key --config' makes it"
                        : $"the token {options.TokenLabel} has {found.Count} AES keys labelled {options.KeyLabel}; expected one");
            }

            var id = session.GetAttributeValue(found[0], [CKA.CKA_ID])[0].GetValueAsByteArray() ?? [];
            return new Pkcs11Session(session, found[0], id.Length == 0 ? "-" : Convert.ToHexStringLower(id), generation);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>Makes the key: AES-256, never extractable.</summary>
    /// <returns>False: there is a key of that label already, and nothing was made.</returns>
    /// <exception cref="KeyUnavailableException">The token or the PIN is not as configured.</exception>
    public bool MakeKey(IPkcs11Library library)
    {
        using var session = LogIn(library, SessionType.ReadWrite);
        var attributes = session.Factories.ObjectAttributeFactory;
        if (session.FindAllObjects([attributes.Create(CKA.CKA_LABEL, options.KeyLabel)]).Count > 0)
            return false;
        using var mechanism = session.Factories.MechanismFactory.Create(CKM.CKM_AES_KEY_GEN);
        session.GenerateKey(
            mechanism,
            [
                attributes.Create(CKA.CKA_CLASS, CKO.CKO_SECRET_KEY),
                attributes.Create(CKA.CKA_KEY_TYPE, CKK.CKK_AES),
                attributes.Create(CKA.CKA_VALUE_LEN, 32),
                attributes.Create(CKA.CKA_LABEL, options.KeyLabel),
                attributes.Create(CKA.CKA_ID, RandomNumberGenerator.GetBytes(8)),
                attributes.Create(CKA.CKA_TOKEN, true),
                attributes.Create(CKA.CKA_PRIVATE, true),
                attributes.Create(CKA.CKA_SENSITIVE, true),
                attributes.Create(CKA.CKA_EXTRACTABLE, false),
                attributes.Create(CKA.CKA_ENCRYPT, true),
                attributes.Create(CKA.CKA_DECRYPT, true),
            ]);
        return true;
    }

    private ISession LogIn(IPkcs11Library library, SessionType type)
    {
        var slot = library.GetSlotList(SlotsType.WithTokenPresent)
            .FirstOrDefault(slot => slot.GetTokenInfo().Label == options.TokenLabel)
            ?? throw new TokenGoneException($"the PKCS#11 module sees no token of that label");
        var session = slot.OpenSession(type);
        try
        {
            // One login counts for all sessions of a token, and two at once would be one too many.
            lock (_lock)
                LogIn_NeedsLock(session);
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    private void LogIn_NeedsLock(ISession session)
    {
        using var pin = ReadPin();
        var digest = SHA256.HashData(pin.Span);
        if (_refusedPin is { } refused && CryptographicOperations.FixedTimeEquals(refused, digest))
            throw WrongPin(null);
        var copy = GC.AllocateUninitializedArray<byte>(pin.Span.Length, pinned: true);
        try
        {
            pin.Span.CopyTo(copy);
            session.Login(CKU.CKU_USER, copy);
        }
        catch (Pkcs11Exception e) when (e.RV == CKR.CKR_USER_ALREADY_LOGGED_IN)
        {
            // By another session.
        }
        catch (Pkcs11Exception e) when (e.RV is CKR.CKR_PIN_INCORRECT or CKR.CKR_PIN_LEN_RANGE or CKR.CKR_PIN_INVALID)
        {
            _refusedPin = digest;
            throw WrongPin(e);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(copy);
        }

        _refusedPin = null;
    }

    private SecretBytes ReadPin()
    {
        try
        {
            using var file = new FileStream(options.PinFile, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            var forbidden = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.GroupWrite;
            if ((File.GetUnixFileMode(file.SafeFileHandle) & forbidden) != 0)
                throw new KeyUnavailableException($"the PIN file {options.PinFile} can be used by others; chmod 600 it");
            using var read = new SecretBytes(MaxPin + 1);
            var text = read.Span[..file.ReadAtLeast(read.Span, MaxPin + 1, throwOnEndOfStream: false)].TrimEnd("\r\n"u8);
            return text.Length is > 0 and <= MaxPin
                ? SecretBytes.CopyOf(text)
                : throw new KeyUnavailableException($"the PIN file {options.PinFile} does not hold one PIN of at most {MaxPin} bytes");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KeyUnavailableException($"the PIN file {options.PinFile} cannot be read: {e.Message}", e);
        }
    }

    private KeyUnavailableException WrongPin(Exception? cause) => new(
        $"the token {options.TokenLabel} refused the PIN in {options.PinFile}; it is not tried again until the file changes, "
        + "because tokens lock themselves", cause);
}
