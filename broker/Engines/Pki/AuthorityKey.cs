using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using SidecarAgent.Broker.Crypto;
using SidecarAgent.Broker.Secrets;
using SidecarAgent.Broker.Storage;

namespace SidecarAgent.Broker.Engines.Pki;

/// <summary>
/// A CA's key and certificate, made on first use and kept like a secret at <c>MOUNT/ca</c>: sealed under the KEK, and
/// served to nobody. ECDSA on P-256.
/// </summary>
internal sealed class AuthorityKey : IDisposable
{
    private const string KeyField = "privateKey";
    private const string CertificateField = "certificate";

    private AuthorityKey(ECDsa key, X509Certificate2 certificate)
    {
        Key = key;
        Certificate = certificate;
    }

    public ECDsa Key { get; }

    public X509Certificate2 Certificate { get; }

    /// <exception cref="CryptographicException">What is stored cannot be opened.</exception>
    public static async Task<AuthorityKey> LoadOrMakeAsync(
        string mount, PkiOptions options, Database database, FieldSealer sealer, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var path = SecretPath.Parse($"{mount}/ca");
        while (true)
        {
            if (await database.ReadAsync(s => SecretTable.VersionAsync(s, path, 1, cancellationToken), cancellationToken) is { } stored)
                return await OpenAsync(path, stored, sealer, cancellationToken);
            var made = await MakeAsync(path, options, sealer, now, cancellationToken);
            // Whoever stores it first wins; the others read that.
            await database.WriteAsync(s => SecretTable.AddAsync(s, made, CancellationToken.None), CancellationToken.None);
        }
    }

    public void Dispose()
    {
        Key.Dispose();
        Certificate.Dispose();
    }

    private static async Task<AuthorityKey> OpenAsync(
        SecretPath path, SecretVersion stored, FieldSealer sealer, CancellationToken cancellationToken)
    {
        using var certificate = await OpenAsync(path, stored, CertificateField, sealer, cancellationToken);
        using var privateKey = await OpenAsync(path, stored, KeyField, sealer, cancellationToken);
        var key = ECDsa.Create();
        key.ImportPkcs8PrivateKey(privateKey.Span, out _);
        return new AuthorityKey(key, X509Certificate2.CreateFromPem(Encoding.ASCII.GetString(certificate.Span)));
    }

    private static ValueTask<SecretBytes> OpenAsync(
        SecretPath path, SecretVersion stored, string name, FieldSealer sealer, CancellationToken cancellationToken)
    {
        var field = stored.Fields.First(field => field.Name == name);
        return sealer.OpenAsync(new FieldAddress(path, 1, name, field.Class), field.Sealed, cancellationToken);
    }

    private static async Task<SecretVersion> MakeAsync(
        SecretPath path, PkiOptions options, FieldSealer sealer, DateTimeOffset now, CancellationToken cancellationToken)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var name = new X500DistinguishedNameBuilder();
        name.AddCommonName(options.CommonName);
        var request = new CertificateRequest(name.Build(), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        using var certificate = request.CreateSelfSigned(now.AddMinutes(-5), now + options.Lifetime);

        var privateKey = key.ExportPkcs8PrivateKey();
        var fields = new[]
        {
            await SealAsync(CertificateField, FieldClass.Identifier, Encoding.ASCII.GetBytes(certificate.ExportCertificatePem() + "\n")),
            await SealAsync(KeyField, FieldClass.Secret, privateKey),
        };
        CryptographicOperations.ZeroMemory(privateKey);
        return new SecretVersion(path, 1, now, "engine", fields);

        async Task<StoredField> SealAsync(string field, FieldClass fieldClass, byte[] value) => new(
            field, fieldClass, null, await sealer.SealAsync(new FieldAddress(path, 1, field, fieldClass), value, cancellationToken));
    }
}
