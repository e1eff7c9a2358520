using SidecarAgent.Broker.Credentials;
using SidecarAgent.Broker.Engines;
using SidecarAgent.Broker.Engines.Pki;
using SidecarAgent.Broker.Secrets;

namespace SidecarAgent.Broker.Api;

/// <summary>
/// What everybody may read of a CA: <c>/pki/MOUNT/ca.pem</c>, and the certificates that it has revoked,
/// <c>/pki/MOUNT/crl.der</c>.
/// </summary>
internal static class RevocationLists
{
    public static async Task<IResult> ServeAsync(string mount, string file, Mounts mounts, CancellationToken cancellationToken)
    {
        if (!SecretPath.TryParse($"{mount}/ca", out var path, out _)
            || mounts.Find<DynamicEngine>(path)?.Server.Accounts is not CertificateAuthority authority)
        {
            return Results.NotFound();
        }

        return file switch
        {
            "ca.pem" => Results.Text(await authority.CertificateAsync(cancellationToken), "application/x-pem-file"),
            "crl.der" => Results.Bytes(await authority.RevocationListAsync(cancellationToken), "application/pkix-crl"),
            _ => Results.NotFound(),
        };
    }
}
