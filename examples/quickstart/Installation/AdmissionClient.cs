using System.Net.Http.Json;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;

namespace SidecarAgent.Quickstart.Installation;

/// <summary>Asks a webhook about a pod in the way that the API server does: an AdmissionReview over HTTPS, with its CA.</summary>
internal sealed class AdmissionClient : IDisposable
{
    private readonly HttpClient _http;
    private readonly Uri _mutate;

    /// <param name="address">The webhook, https.</param>
    /// <param name="caFile">PEM; the only CA that may vouch for it.</param>
    public AdmissionClient(Uri address, string caFile)
    {
        _mutate = new Uri(address, "/mutate?timeout=5s");
        var trust = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        trust.CustomTrustStore.ImportFromPemFile(caFile);
        _http = new HttpClient(new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = trust },
        });
    }

    /// <returns>The patch (RFC 6902); empty if the webhook leaves the pod alone.</returns>
    /// <exception cref="InstallationException">It answered otherwise than with an allowed review.</exception>
    public async Task<JsonArray> ReviewAsync(JsonObject pod, CancellationToken cancellationToken)
    {
        var uid = Guid.NewGuid().ToString();
        using var content = new StringContent(Review(uid, pod).ToJsonString(), Encoding.UTF8, "application/json");
        using var answer = await _http.PostAsync(_mutate, content, cancellationToken);
        if (!answer.IsSuccessStatusCode)
            throw new InstallationException(
                $"the webhook answered {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync(cancellationToken)}");

        var response = (await answer.Content.ReadFromJsonAsync<JsonObject>(cancellationToken))?["response"]?.AsObject();
        if ((string?)response?["uid"] != uid)
            throw new InstallationException("the webhook's answer has another uid than the review");
        if ((bool?)response["allowed"] != true)
            throw new InstallationException($"the webhook refused the pod: {(string?)response["status"]?["message"]}");

        return (string?)response["patch"] is { } base64
            ? JsonNode.Parse(Convert.FromBase64String(base64))!.AsArray()
            : [];
    }

    public void Dispose() => _http.Dispose();

    private static JsonObject Review(string uid, JsonObject pod) => new()
    {
        ["apiVersion"] = "admission.k8s.io/v1",
        ["kind"] = "AdmissionReview",
        ["request"] = new JsonObject
        {
            ["uid"] = uid,
            ["kind"] = new JsonObject { ["group"] = "", ["version"] = "v1", ["kind"] = "Pod" },
            ["resource"] = new JsonObject { ["group"] = "", ["version"] = "v1", ["resource"] = "pods" },
            ["requestKind"] = new JsonObject { ["group"] = "", ["version"] = "v1", ["kind"] = "Pod" },
            ["requestResource"] = new JsonObject { ["group"] = "", ["version"] = "v1", ["resource"] = "pods" },
            ["name"] = pod["metadata"]!["name"]?.DeepClone(),
            ["namespace"] = pod["metadata"]!["namespace"]?.DeepClone(),
            ["operation"] = "CREATE",
            ["userInfo"] = new JsonObject { ["username"] = "developer", ["groups"] = new JsonArray("system:authenticated") },
            ["object"] = pod.DeepClone(),
            ["oldObject"] = null,
            ["dryRun"] = false,
            ["options"] = new JsonObject { ["apiVersion"] = "meta.k8s.io/v1", ["kind"] = "CreateOptions" },
        },
    };
}
