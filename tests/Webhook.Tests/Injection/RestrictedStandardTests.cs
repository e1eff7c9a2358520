using System.Text.Json.Nodes;
using SidecarAgent.Webhook.Injection;
using SidecarAgent.Webhook.Tests.Kit;
using SidecarAgent.Yaml;

namespace SidecarAgent.Webhook.Tests.Injection;

/// <summary>
/// The "restricted" Pod Security Standard (kubernetes.io/docs/concepts/security/pod-security-standards), as far as it is
/// about containers and volumes: whatever pod the agent comes into, its own part satisfies it.
/// </summary>
public sealed class RestrictedStandardTests
{
    private static readonly string[] AllowedVolumes =
        ["configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"];

    public static TheoryData<string> Pods => [.. Repository.Names("Golden", ".in.yaml")];

    [Theory]
    [MemberData(nameof(Pods))]
    public void What_is_injected_satisfies_it(string name)
    {
        var pod = YamlJson.Parse(Repository.Read("Golden", name + ".in.yaml"), name)!.AsObject();
        if (The.Decision(pod, The.TrustingSettings) is not Decision.Inject inject)
            return;
        var spec = inject.After()["spec"]!;

        var ours = Ours(spec["containers"]).Concat(Ours(spec["initContainers"])).ToList();
        Assert.NotEmpty(ours);
        Assert.All(ours, CheckContainer);
        Assert.All(Ours(spec["volumes"]), volume => Assert.Contains(volume.Single(member => member.Key != "name").Key, AllowedVolumes));
        foreach (var field in new[] { "hostNetwork", "hostPID", "hostIPC" })
            Assert.True(JsonNode.DeepEquals(pod["spec"]![field], spec[field]));
    }

    /// <summary>Also in a pod that passes as a whole: one without anything of its own.</summary>
    [Theory]
    [InlineData("sidecar")]
    [InlineData("init")]
    [InlineData("classic")]
    public void Secrets_are_writable_in_the_agent_alone_and_limited(string mode)
    {
        var spec = The.Injected(The.Pod(("mode", mode)))["spec"]!;

        foreach (var container in Objects(spec["containers"]).Concat(Objects(spec["initContainers"])))
        {
            var isAgent = ((string)container["name"]!).StartsWith("sidecar-agent", StringComparison.Ordinal);
            var mounts = Objects(container["volumeMounts"]).ToDictionary(mount => (string)mount["name"]!);
            Assert.Equal(!isAgent, (bool?)mounts["sidecar-agent-secrets"]["readOnly"] ?? false);
            Assert.Equal(isAgent, mounts.ContainsKey("sidecar-agent-token"));
        }

        var directory = Objects(spec["volumes"]).Single(volume => (string)volume["name"]! == "sidecar-agent-secrets")["emptyDir"]!;
        Assert.Equal(("Memory", "1Mi"), ((string)directory["medium"]!, (string)directory["sizeLimit"]!));
        Assert.Null(spec["securityContext"]!["fsGroup"]);
        Assert.Equal([65532L], spec["securityContext"]!["supplementalGroups"]!.AsArray().Select(group => (long)group!));
    }

    private static void CheckContainer(JsonObject container)
    {
        var context = container["securityContext"]!;
        Assert.False((bool)context["allowPrivilegeEscalation"]!);
        Assert.True((bool)context["runAsNonRoot"]!);
        Assert.NotEqual(0, (long)context["runAsUser"]!);
        Assert.Equal(["ALL"], context["capabilities"]!["drop"]!.AsArray().Select(capability => (string)capability!));
        Assert.Null(context["capabilities"]!["add"]);
        Assert.Equal("RuntimeDefault", (string)context["seccompProfile"]!["type"]!);
        Assert.True((bool)context["readOnlyRootFilesystem"]!);
        foreach (var field in new[] { "privileged", "procMount", "seLinuxOptions", "windowsOptions", "appArmorProfile" })
            Assert.Null(context[field]);
        foreach (var probe in new[] { "livenessProbe", "readinessProbe", "startupProbe" })
            Assert.Null(container[probe]?["httpGet"]?["host"]);
        Assert.All(Objects(container["ports"]), port => Assert.Null(port["hostPort"]));
    }

    private static IEnumerable<JsonObject> Ours(JsonNode? list) =>
        Objects(list).Where(item => ((string)item["name"]!).StartsWith("sidecar-agent", StringComparison.Ordinal));

    private static IEnumerable<JsonObject> Objects(JsonNode? list) => (list as JsonArray ?? []).Select(item => item!.AsObject());
}
