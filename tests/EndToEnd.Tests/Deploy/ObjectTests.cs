using System.Text.Json.Nodes;
using SidecarAgent.Quickstart.Installation;
using SidecarAgent.Testing;

namespace SidecarAgent.EndToEnd.Tests.Deploy;

/// <summary>Every object is one that an API server would take, and every name in one leads to another.</summary>
public class ObjectTests
{
    /// <summary>Objects of operators that an overlay is for; their definitions are not Kubernetes' own.</summary>
    private static readonly string[] OfOperators =
        ["cert-manager.io/v1 Issuer", "cert-manager.io/v1 Certificate", "monitoring.coreos.com/v1 PodMonitor", "monitoring.coreos.com/v1 PrometheusRule"];

    private static readonly Dictionary<string, string> Versions = new()
    {
        ["Namespace"] = "v1",
        ["Service"] = "v1",
        ["ServiceAccount"] = "v1",
        ["ConfigMap"] = "v1",
        ["Secret"] = "v1",
        ["Lease"] = "coordination.k8s.io/v1",
        ["Deployment"] = "apps/v1",
        ["StatefulSet"] = "apps/v1",
        ["Role"] = "rbac.authorization.k8s.io/v1",
        ["RoleBinding"] = "rbac.authorization.k8s.io/v1",
        ["ClusterRole"] = "rbac.authorization.k8s.io/v1",
        ["ClusterRoleBinding"] = "rbac.authorization.k8s.io/v1",
        ["MutatingWebhookConfiguration"] = "admissionregistration.k8s.io/v1",
        ["NetworkPolicy"] = "networking.k8s.io/v1",
        ["PodDisruptionBudget"] = "policy/v1",
        ["PriorityClass"] = "scheduling.k8s.io/v1",
    };

    /// <summary>Made from the types of Kubernetes' client for .NET (1.36), with the fields that the API reference calls required.</summary>
    private static readonly StrictSchema Types = new(JsonNode.Parse(File.ReadAllText(
        Path.Combine(Programs.Locate().Repository, "tests/EndToEnd.Tests/Deploy/kubernetes-types.json")))!.AsObject());

    public static TheoryData<string> All => Manifests.All;

    [Theory]
    [MemberData(nameof(All))]
    public async Task Every_object_is_of_a_type_that_Kubernetes_knows_and_has_no_other_fields(string name)
    {
        var manifests = await Manifests.RenderAsync(name);

        Assert.All(manifests.Objects.Where(entry => !OfOperators.Contains($"{entry["apiVersion"]} {Manifests.Kind(entry)}")), entry =>
        {
            Assert.Equal(Versions[Manifests.Kind(entry)], (string)entry["apiVersion"]!);
            Assert.Empty(Types.Problems(entry, "V1" + Manifests.Kind(entry), $"{Manifests.Kind(entry)}/{Manifests.Name(entry)}"));
        });
    }

    [Fact]
    public async Task A_field_that_Kubernetes_does_not_know_is_found()
    {
        var deployment = (await Manifests.RenderAsync(Manifests.Base)).Get("Deployment", "sidecar-webhook").DeepClone();
        deployment["spec"]!["template"]!["spec"]!["containers"]![0]!["imagePulPolicy"] = "Always";
        deployment["spec"]!.AsObject().Remove("selector");

        Assert.Equal(
            ["x.spec.template.spec.containers[0]: there is no field imagePulPolicy", "x.spec: lacks selector"],
            Types.Problems(deployment, "V1Deployment", "x").Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Every_object_says_whose_it_is_and_lives_in_the_namespace(string name)
    {
        string[] clusterWide = ["Namespace", "PriorityClass", "ClusterRole", "ClusterRoleBinding", "MutatingWebhookConfiguration"];

        Assert.All((await Manifests.RenderAsync(name)).Objects, entry =>
        {
            Assert.Equal("sidecar-agent", (string?)entry["metadata"]!["labels"]?["app.kubernetes.io/part-of"]);
            Assert.Equal(clusterWide.Contains(Manifests.Kind(entry)) ? null : Manifests.Namespace, (string?)entry["metadata"]!["namespace"]);
        });
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Every_mount_has_its_volume_and_every_volume_its_source(string name)
    {
        var manifests = await Manifests.RenderAsync(name);
        // Made while the programs run: by the broker, and by cert-manager; and by whoever has a database server.
        string[] made =
        [
            "secret/sidecar-broker-database",
            "configMap/sidecar-broker-ca",
            .. manifests.Of("Certificate").Select(certificate => $"secret/{certificate["spec"]!["secretName"]}"),
            .. manifests.Of("ConfigMap").Select(map => $"configMap/{Manifests.Name(map)}"),
        ];
        foreach (var workload in manifests.Objects.Where(entry => Manifests.Kind(entry) is "Deployment" or "StatefulSet"))
        {
            var pod = workload["spec"]!["template"]!["spec"]!;
            var volumes = Manifests.List(pod["volumes"]).ToList();
            string[] names =
            [
                .. volumes.Select(volume => (string)volume["name"]!),
                .. Manifests.List(workload["spec"]!["volumeClaimTemplates"]).Select(Manifests.Name),
            ];
            var mounts = Manifests.List(pod["initContainers"]).Concat(Manifests.List(pod["containers"]))
                .SelectMany(container => Manifests.List(container["volumeMounts"])).Select(mount => (string)mount["name"]!).ToHashSet();
            Assert.Equal(names.Order(), mounts.Order());
            Assert.All(volumes, volume => Assert.Contains(Source(volume), made));
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Selectors_find_the_pods_that_they_are_for(string name)
    {
        var manifests = await Manifests.RenderAsync(name);
        var pods = manifests.Pods().ToDictionary(pod => pod.Workload.Split('/')[1], pod => pod.Pod["metadata"]!["labels"]!);
        foreach (var entry in manifests.Objects)
        {
            var selector = Manifests.Kind(entry) switch
            {
                "Service" => entry["spec"]!["selector"],
                "Deployment" or "StatefulSet" or "PodDisruptionBudget" => entry["spec"]!["selector"]!["matchLabels"],
                "NetworkPolicy" => entry["spec"]!["podSelector"]!["matchLabels"],
                _ => null,
            };
            if (selector is null)
                continue;
            var found = pods.Where(pod => selector.AsObject().All(label => (string?)pod.Value[label.Key] == (string)label.Value!)).Select(pod => pod.Key);
            Assert.Equal([Manifests.Name(entry)], found);
        }
    }

    private static string Source(JsonNode volume) => volume switch
    {
        _ when volume["configMap"] is { } map => $"configMap/{map["name"]}",
        _ when volume["secret"] is { } secret => $"secret/{secret["secretName"]}",
        _ => volume.ToJsonString(),
    };
}
