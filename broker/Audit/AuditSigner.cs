using System.Security.Cryptography;

namespace SidecarAgent.Broker.Audit;

/// <summary>The key that signs checkpoints: ECDSA on P-256, in a PEM file (PKCS#8) that only its owner can read.</summary>
internal sealed class AuditSigner : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Forbidden =
        UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute | UnixFileMode.GroupWrite;

    private const int MaxFile = 16 * 1024;

    private readonly ECDsa _key;

    private AuditSigner(ECDsa key)
    {
        _key = key;
        KeyId = CheckpointText.KeyId(key);
    }

    public string KeyId { get; }

    /// <summary>Makes a key: <paramref name="file"/>, and the public half beside it as <c>.pub</c>.</summary>
    /// <exception cref="IOException">One of the two exists, or cannot be written.</exception>
    public static void Create(string file)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Write(file, key.ExportPkcs8PrivateKeyPem(), OwnerOnly);
        Write($"{file}.pub", key.ExportSubjectPublicKeyInfoPem(), OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
    }

    /// <exception cref="CannotStartException">The file is missing, can be read by others, or holds no such key.</exception>
    public static AuditSigner Load(string file)
    {
        try
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            if ((File.GetUnixFileMode(stream.SafeFileHandle) & Forbidden) != 0)
                throw new CannotStartException($"The audit key {file} can be used by others. Set it right with: chmod 600 {file}");
            if (stream.Length > MaxFile)
                throw new CannotStartException($"The audit key {file} is larger than {MaxFile} bytes, as no key is.");
            using var reader = new StreamReader(stream);
            var key = ECDsa.Create();
            try
            {
                key.ImportFromPem(reader.ReadToEnd());
                return new AuditSigner(key);
            }
            catch
            {
                key.Dispose();
                throw;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or CryptographicException)
        {
            throw new CannotStartException(
                $"The audit key {file} cannot be used: {e.Message} Make one with: sidecar-broker init-audit-key FILE", e);
        }
    }

    public string Sign(AuditHead head) =>
        Convert.ToBase64String(_key.SignData(CheckpointText.Of(head), HashAlgorithmName.SHA256, CheckpointText.Format));

    public void Dispose() => _key.Dispose();

    private static void Write(string file, string pem, UnixFileMode mode)
    {
        using var stream = new FileStream(file, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = mode,
        });
        using var writer = new StreamWriter(stream);
        writer.Write(pem);
        writer.Write('\n');
        writer.Flush();
        stream.Flush(flushToDisk: true);
    }
}
