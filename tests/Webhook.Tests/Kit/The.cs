using System.Text.Json;
using System.Text.Json.Nodes;
using SidecarAgent.Webhook.Certificates;
using SidecarAgent.Webhook.Injection;
using SidecarAgent.Webhook.Policy;

namespace SidecarAgent.Webhook.Tests.Kit;

/// <summary>What most tests start from.</summary>
internal static class The
{
    public const string Image = "registry.example/sidecar-agent:0.1.0";

    public static SelfManagedCertificate SelfManaged { get; } = new("sidecar-webhook-tls", "sidecar-agent");

    public static InjectionSettings Settings { get; } = new(
        new AgentSettings { Image = Image },
        new BrokerSettings { CaPem = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n" },
        TrustPolicy.Default);

    /// <summary>With a trust policy that allows everything.</summary>
    public static InjectionSettings TrustingSettings { get; } = Settings with
    {
        Trust = new TrustPolicy([new TrustRule { Namespaces = ["*"], May = (Trusted)0b11111 }]),
    };

    /// <summary>A pod with one container that asks for one secret, and for what else the annotations say.</summary>
    public static JsonObject Pod(params (string Name, string Value)[] annotations)
    {
        var map = new JsonObject
        {
            ["sidecar-agent.io/inject"] = "true",
            ["sidecar-agent.io/secret-key"] = "kv/shop/web#key",
        };
        foreach (var (name, value) in annotations)
            map[$"sidecar-agent.io/{name}"] = value;
        return new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Pod",
            ["metadata"] = new JsonObject { ["generateName"] = "web-", ["annotations"] = map },
            ["spec"] = new JsonObject
            {
                ["containers"] = new JsonArray(new JsonObject { ["name"] = "app", ["image"] = "shop:1" }),
            },
        };
    }

    public static Decision Decision(JsonObject pod, InjectionSettings? settings = null, string @namespace = "shop") =>
        PodInjection.Decide(Element(pod), @namespace, settings ?? Settings);

    public static JsonElement Element(JsonNode pod) => JsonElement.Parse(pod.ToJsonString());

    /// <summary>The pod that comes of it; the test fails if it is rejected.</summary>
    public static JsonObject Injected(JsonObject pod, InjectionSettings? settings = null) => Decision(pod, settings) switch
    {
        Decision.Inject inject => inject.After(),
        Decision.Reject reject => throw new InvalidOperationException(reject.Message),
        var other => throw new InvalidOperationException(other.Reason),
    };

    /// <summary>What is wrong with the pod; the test fails if nothing is.</summary>
    public static Decision.Reject Rejection(JsonObject pod, InjectionSettings? settings = null) =>
        Assert.IsType<Decision.Reject>(Decision(pod, settings));
}
