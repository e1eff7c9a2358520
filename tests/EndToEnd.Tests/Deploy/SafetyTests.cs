using System.Text.Json.Nodes;

namespace SidecarAgent.EndToEnd.Tests.Deploy;

/// <summary>What the installation may do, and what may be done to it.</summary>
public class SafetyTests
{
    /// <summary>All that the two programs may do, as documented in docs/install.md.</summary>
    private static readonly string[] Grants =
    [
        "sidecar-broker: configmaps/sidecar-broker-ca: patch",
        "sidecar-broker: configmaps: create",
        "sidecar-webhook: secrets/sidecar-webhook-tls: get update",
        "sidecar-webhook: leases/sidecar-webhook: get update",
        "sidecar-webhook (cluster): mutatingwebhookconfigurations/sidecar-agent: get patch",
        "sidecar-webhook (cluster): pods: get list",
        "sidecar-webhook (cluster): events: create",
    ];

    public static TheoryData<string> All => Manifests.All;

    [Theory]
    [InlineData(Manifests.Base, "", "")]
    [InlineData("overlays/monitoring", "", "")]
    [InlineData("overlays/postgres", "", "")]
    [InlineData("overlays/vault-annotations", "", "")]
    [InlineData("overlays/evict-missed", "", "sidecar-webhook (cluster): pods/eviction: create")]
    [InlineData("overlays/cert-manager", "configmaps secrets", "")]
    public async Task Nobody_may_do_more_than_is_listed(string name, string without, string also)
    {
        var manifests = await Manifests.RenderAsync(name);

        var granted = manifests.Of("RoleBinding").Concat(manifests.Of("ClusterRoleBinding")).SelectMany(binding => GrantsOf(manifests, binding)).ToList();

        var gone = without.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var expected = Grants.Where(grant => !gone.Any(resource => grant.Contains($": {resource}", StringComparison.Ordinal)))
            .Concat(also.Length > 0 ? [also] : []);
        Assert.Equal(expected.Order(), granted.Order());
        Assert.Equal(
            manifests.Of("Role").Concat(manifests.Of("ClusterRole")).Count(),
            manifests.Of("RoleBinding").Concat(manifests.Of("ClusterRoleBinding")).Count());
    }

    /// <summary>
    /// What a program may write by name is there from the start, without content: what it has written is not undone when the
    /// manifests are applied again, because they say nothing about it.
    /// </summary>
    [Theory]
    [MemberData(nameof(All))]
    public async Task What_the_webhook_writes_is_there_empty_so_that_it_need_not_create_anything(string name)
    {
        var manifests = await Manifests.RenderAsync(name);
        string[] fields = ["apiVersion", "kind", "metadata", "type"];

        var isSelfManaged = manifests.Configuration("sidecar-webhook-config", "webhook.yaml").Contains("selfManaged: { secret: sidecar-webhook-tls", StringComparison.Ordinal);
        Assert.Equal(isSelfManaged ? ["sidecar-webhook-tls"] : [], manifests.Of("Secret").Select(Manifests.Name));
        Assert.Equal(["sidecar-webhook"], manifests.Of("Lease").Select(Manifests.Name));
        Assert.All(manifests.Of("Secret").Concat(manifests.Of("Lease")), written => Assert.Subset(fields.ToHashSet(), written.Select(member => member.Key).ToHashSet()));
    }

    /// <summary>The "restricted" Pod Security Standard, as kubernetes.io describes it, for Linux pods without ephemeral volumes of users.</summary>
    [Theory]
    [MemberData(nameof(All))]
    public async Task Pods_satisfy_the_restricted_standard_that_their_namespace_enforces(string name)
    {
        var manifests = await Manifests.RenderAsync(name);

        Assert.Equal("restricted", (string)manifests.Get("Namespace", Manifests.Namespace)["metadata"]!["labels"]!["pod-security.kubernetes.io/enforce"]!);
        Assert.All(manifests.Pods(), pod =>
        {
            var spec = pod.Pod["spec"]!.AsObject();
            Assert.DoesNotContain(spec, member => member.Key is "hostNetwork" or "hostPID" or "hostIPC");
            Assert.True((bool)spec["securityContext"]!["runAsNonRoot"]!);
            Assert.Equal("RuntimeDefault", (string)spec["securityContext"]!["seccompProfile"]!["type"]!);
            Assert.All(Manifests.List(spec["volumes"]), volume => Assert.True(volume["configMap"] is not null || volume["secret"] is not null));
            Assert.All(Manifests.List(spec["initContainers"]).Concat(Manifests.List(spec["containers"])), CheckContainer);
        });
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Only_pods_that_ask_depend_on_the_webhook_and_those_do(string name)
    {
        var manifests = await Manifests.RenderAsync(name);
        var webhook = Manifests.List(manifests.Get("MutatingWebhookConfiguration", "sidecar-agent")["webhooks"]).Single();

        Assert.Contains("'sidecar-agent.io/inject' in object.metadata.?annotations.orValue({})",
            (string)Manifests.List(webhook["matchConditions"]).Single()["expression"]!, StringComparison.Ordinal);
        Assert.Equal("Fail", (string)webhook["failurePolicy"]!);
        Assert.Equal("IfNeeded", (string)webhook["reinvocationPolicy"]!);
        Assert.Equal("None", (string)webhook["sideEffects"]!);
        Assert.Equal(5L, (long)webhook["timeoutSeconds"]!);
        var except = Manifests.List(webhook["namespaceSelector"]!["matchExpressions"]).Single();
        Assert.Equal("NotIn", (string)except["operator"]!);
        Assert.Equal(["kube-system", Manifests.Namespace], Manifests.List(except["values"]).Select(value => (string)value!));
        var rule = Manifests.List(webhook["rules"]).Single();
        Assert.Equal(["CREATE"], Manifests.List(rule["operations"]).Select(value => (string)value!));
        Assert.Equal(["pods"], Manifests.List(rule["resources"]).Select(value => (string)value!));
    }

    private static void CheckContainer(JsonNode container)
    {
        var context = container["securityContext"]!;
        Assert.False((bool)context["allowPrivilegeEscalation"]!);
        Assert.True((bool)context["readOnlyRootFilesystem"]!);
        Assert.Equal(["ALL"], Manifests.List(context["capabilities"]!["drop"]).Select(value => (string)value!));
        Assert.Null(context["capabilities"]!["add"]);
        Assert.NotNull(container["resources"]!["requests"]);
        Assert.NotNull(container["resources"]!["limits"]!["memory"]);
    }

    private static IEnumerable<string> GrantsOf(Manifests manifests, JsonObject binding)
    {
        var subject = Manifests.List(binding["subjects"]).Single();
        manifests.Get("ServiceAccount", (string)subject["name"]!);
        var role = manifests.Get((string)binding["roleRef"]!["kind"]!, (string)binding["roleRef"]!["name"]!);
        var where = Manifests.Kind(binding) == "ClusterRoleBinding" ? " (cluster)" : "";
        foreach (var rule in Manifests.List(role["rules"]))
        {
            var resource = (string)Manifests.List(rule["resources"]).Single()!;
            var only = Manifests.List(rule["resourceNames"]).Select(value => $"/{value}").SingleOrDefault() ?? "";
            yield return $"{subject["name"]}{where}: {resource}{only}: {string.Join(' ', Manifests.List(rule["verbs"]).Select(verb => (string)verb!))}";
        }
    }
}
