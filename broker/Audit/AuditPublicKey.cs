using System.Security.Cryptography;

namespace SidecarAgent.Broker.Audit;

/// <summary>The public half of the key that signs checkpoints: all that an auditor needs.</summary>
internal sealed class AuditPublicKey : IDisposable
{
    private const int MaxFile = 16 * 1024;

    private readonly ECDsa _key;

    private AuditPublicKey(ECDsa key)
    {
        _key = key;
        Id = CheckpointText.KeyId(key);
    }

    public string Id { get; }

    /// <param name="file">PEM.</param>
    /// <exception cref="IOException">It cannot be read, or holds no such key.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static AuditPublicKey Load(string file)
    {
        if (new FileInfo(file).Length > MaxFile)
            throw new IOException($"{file} is larger than {MaxFile} bytes, as no public key is");
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(File.ReadAllText(file));
            return new AuditPublicKey(key);
        }
        catch (Exception e)
        {
            key.Dispose();
            if (e is ArgumentException or CryptographicException)
                throw new IOException($"{file} holds no public key for audit checkpoints (ECDSA, PEM): {e.Message}", e);
            throw;
        }
    }

    /// <param name="head">The entry before the checkpoint.</param>
    /// <param name="signature">In base64.</param>
    public bool Verifies(AuditHead head, string signature)
    {
        var bytes = new byte[signature.Length];
        return Convert.TryFromBase64String(signature, bytes, out var length)
            && _key.VerifyData(CheckpointText.Of(head), bytes.AsSpan(0, length), HashAlgorithmName.SHA256, CheckpointText.Format);
    }

    public void Dispose() => _key.Dispose();
}
