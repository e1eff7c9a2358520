using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using SidecarAgent.Webhook.Certificates;
using SidecarAgent.Webhook.Kubernetes;

namespace SidecarAgent.Webhook.Tests.Kit;

/// <summary>MutatingWebhookConfigurations as deploy/ would make them.</summary>
internal static class Registrations
{
    public const string DnsName = "sidecar-webhook.sidecar-agent.svc";

    public static readonly string Path = ApiPaths.Registration(The.SelfManaged.Webhook);

    public static JsonObject Of(params string[] webhooks) => new()
    {
        ["apiVersion"] = "admissionregistration.k8s.io/v1",
        ["kind"] = "MutatingWebhookConfiguration",
        ["metadata"] = new JsonObject { ["name"] = The.SelfManaged.Webhook, ["labels"] = new JsonObject { ["kept"] = "yes" } },
        ["webhooks"] = new JsonArray([.. webhooks.DefaultIfEmpty("pods.sidecar-agent.io").Select(name => (JsonNode)new JsonObject
        {
            ["name"] = name,
            ["failurePolicy"] = "Fail",
            ["clientConfig"] = new JsonObject
            {
                ["service"] = new JsonObject { ["name"] = "sidecar-webhook", ["namespace"] = "sidecar-agent", ["path"] = "/mutate" },
            },
        })]),
    };

    /// <summary>With these authorities in each webhook.</summary>
    public static WebhookRegistration Trusting(params IEnumerable<X509Certificate2> authorities)
    {
        var configuration = Of("one", "two");
        foreach (var webhook in configuration["webhooks"]!.AsArray())
            webhook!["clientConfig"]!["caBundle"] = Convert.ToBase64String(Encoding.ASCII.GetBytes(Bundle.Write(authorities)));
        return WebhookRegistration.Read(configuration);
    }
}
