using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using SidecarAgent.Broker.Identity;

namespace SidecarAgent.Broker.Tls;

/// <summary>
/// Keeps the broker's CA in a ConfigMap of its namespace, from where the webhook takes it to hand it to agents. The CA
/// is public; who can write this ConfigMap decides which broker new pods believe.
/// </summary>
/// <param name="access">Null: there is no cluster, which is an error that is logged.</param>
internal sealed partial class AuthorityPublisher(
    CertificateDirectory directory, string configMap, ClusterAccess? access, TimeProvider clock, ILogger<AuthorityPublisher> logger)
{
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan AfterSuccess = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    private string? _said;

    /// <summary>Publishes until it is cancelled; then it throws. What somebody deletes or changes is there again soon.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var problem = await TryPublishAsync(cancellationToken);
            if (problem is null && _said != "")
                LogPublished(configMap);
            if (problem is not null && _said != problem)
                LogNotPublished(configMap, problem);
            _said = problem ?? "";
            await Task.Delay(problem is null ? AfterSuccess : AfterFailure, clock, cancellationToken);
        }
    }

    /// <summary>A server-side apply: one request makes the ConfigMap, sets its one key, or finds nothing to do.</summary>
    private async Task<string?> TryPublishAsync(CancellationToken cancellationToken)
    {
        if (access is null)
            return "this process runs in no pod: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set";
        try
        {
            using var client = new HttpClient(new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = TrustOnlyTheCluster(access) },
            })
            { Timeout = Timeout };
            using var request = new HttpRequestMessage(HttpMethod.Patch, new Uri(access.Address,
                $"/api/v1/namespaces/{access.ReadNamespace()}/configmaps/{configMap}?fieldManager=sidecar-broker&force=true"));
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", access.ReadToken());
            request.Content = new StringContent(ConfigMap(access.ReadNamespace()), Encoding.UTF8, "application/apply-patch+yaml");
            using var answer = await client.SendAsync(request, cancellationToken);
            return answer.IsSuccessStatusCode ? null
                : $"the API server answered {(int)answer.StatusCode}: {ForeignText.Clean(await answer.Content.ReadAsStringAsync(cancellationToken))}";
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested
            && e is HttpRequestException or TaskCanceledException or IOException or UnauthorizedAccessException or CryptographicException)
        {
            return ForeignText.Clean((e.InnerException ?? e).Message);
        }
    }

    /// <summary>JSON, which is YAML.</summary>
    private string ConfigMap(string @namespace) => new JsonObject
    {
        ["apiVersion"] = "v1",
        ["kind"] = "ConfigMap",
        ["metadata"] = new JsonObject { ["name"] = configMap, ["namespace"] = @namespace },
        ["data"] = new JsonObject { ["ca.crt"] = File.ReadAllText(directory.AuthorityFile) },
    }.ToJsonString();

    private static X509ChainPolicy TrustOnlyTheCluster(ClusterAccess access)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            // A certificate that is not from it must not send the broker to an address that it names (RFC 5280, 4.2.2.1).
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.ImportFromPemFile(access.CaFile);
        return policy;
    }

    [LoggerMessage(LogLevel.Information, "The broker's CA is in ConfigMap {ConfigMap}, where the webhook takes it from.")]
    private partial void LogPublished(string configMap);

    [LoggerMessage(LogLevel.Warning, "The broker's CA could not be put into ConfigMap {ConfigMap}, and is tried again: {Problem}")]
    private partial void LogNotPublished(string configMap, string problem);
}
