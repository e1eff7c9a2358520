using System.Globalization;
using SidecarAgent.Quickstart.PodRunner;

namespace SidecarAgent.Quickstart.Installation;

/// <summary>Stands in for the API server as the issuer of workload tokens: <c>sidecarctl dev token</c>.</summary>
internal sealed class DevelopmentIssuer(Command sidecarctl, string keyDirectory)
{
    public const string Issuer = "https://issuer.sidecar-agent.invalid";

    public const string Audience = "sidecar-broker";

    /// <summary>The public keys, for the broker's configuration.</summary>
    public string JwksFile => Path.Combine(keyDirectory, "jwks.json");

    /// <summary>Makes the issuer's key, which its first token does.</summary>
    /// <exception cref="InstallationException"/>
    public Task CreateKeyAsync(CancellationToken cancellationToken) =>
        MintAsync(cancellationToken, "default/default", "--expires", "1s");

    /// <summary>A <see cref="TokenIssuer"/>.</summary>
    public async Task<string> IssueAsync(
        PodIdentity pod, string audience, TimeSpan lifetime, CancellationToken cancellationToken)
    {
        try
        {
            return await MintAsync(
                cancellationToken,
                $"{pod.Namespace}/{pod.ServiceAccount}",
                "--pod", pod.Name,
                "--pod-uid", pod.Uid,
                "--node", pod.Node,
                "--audience", audience,
                "--expires", string.Create(CultureInfo.InvariantCulture, $"{(long)lifetime.TotalSeconds}s"));
        }
        catch (InstallationException e)
        {
            throw new TokenIssueException(e.Message);
        }
    }

    private async Task<string> MintAsync(CancellationToken cancellationToken, params string[] arguments)
    {
        var output = await sidecarctl.RunUnloggedAsync(
            cancellationToken, ["dev", "token", .. arguments, "--issuer", Issuer, "--key-dir", keyDirectory]);
        return output.Trim();
    }
}
