using System.Text.Json.Nodes;
using SidecarAgent.Webhook.Injection;
using SidecarAgent.Webhook.Missed;
using SidecarAgent.Webhook.Tests.Kit;
using SidecarAgent.Webhook.Vault;

namespace SidecarAgent.Webhook.Tests.Missed;

public sealed class MissedRuleTests
{
    private static readonly WebhookScope Everywhere = new(null, "sidecar-agent");

    [Fact]
    public void A_pod_that_asks_and_runs_without_the_agent_was_missed()
    {
        var pod = RunningPods.Pod();

        Assert.True(IsCandidate(pod));
        var missed = Assert.IsType<MissedVerdict.Missed>(Judge(pod));
        Assert.True(missed.MayEvict);
        Assert.Contains("without the agent", missed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_injected_pod_was_not()
    {
        var pod = The.Injected(RunningPods.Pod());

        Assert.False(IsCandidate(pod));
        Assert.IsType<MissedVerdict.Fine>(Judge(pod));
    }

    [Fact]
    public void The_mark_alone_is_not_believed_where_the_whole_pod_is_seen()
    {
        var pod = RunningPods.Pod();
        pod["metadata"]!["annotations"]!["sidecar-agent.io/status"] = "injected";

        Assert.IsType<MissedVerdict.Missed>(Judge(pod));
    }

    [Theory]
    [InlineData("Succeeded")]
    [InlineData("Failed")]
    public void A_pod_that_has_ended_is_of_no_interest(string phase)
    {
        var pod = RunningPods.Pod();
        pod["status"]!["phase"] = phase;

        Assert.IsType<MissedVerdict.Fine>(Judge(pod));
    }

    [Fact]
    public void A_pod_that_is_being_deleted_is_of_no_interest()
    {
        var pod = RunningPods.Pod();
        pod["metadata"]!["deletionTimestamp"] = "2026-03-01T00:00:00Z";

        Assert.False(IsCandidate(pod));
        Assert.IsType<MissedVerdict.Fine>(Judge(pod));
    }

    [Fact]
    public void A_pod_that_says_false_or_nothing_is_let_be()
    {
        var off = RunningPods.Pod();
        off["metadata"]!["annotations"]!["sidecar-agent.io/inject"] = "false";
        var plain = RunningPods.Pod();
        plain["metadata"]!["annotations"] = new JsonObject { ["other"] = "x" };

        Assert.All([off, plain], pod =>
        {
            Assert.False(IsCandidate(pod));
            Assert.IsType<MissedVerdict.Fine>(Judge(pod));
        });
    }

    [Fact]
    public void The_mirror_of_a_static_pod_is_let_be()
    {
        var pod = RunningPods.Pod();
        pod["metadata"]!["annotations"]!["kubernetes.io/config.mirror"] = "x";

        Assert.IsType<MissedVerdict.Fine>(Judge(pod));
    }

    [Fact]
    public void A_pod_that_would_be_refused_is_reported_with_the_reason_and_never_evicted()
    {
        var pod = RunningPods.Pod();
        pod["metadata"]!["annotations"]!["sidecar-agent.io/mount-path"] = "/etc";

        var missed = Assert.IsType<MissedVerdict.Missed>(Judge(pod));

        Assert.False(missed.MayEvict);
        Assert.Contains("would be refused", missed.Message, StringComparison.Ordinal);
        Assert.Contains("mount-path", missed.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ReplicaSet", true)]
    [InlineData("StatefulSet", true)]
    [InlineData("DaemonSet", true)]
    [InlineData("Job", false)]
    [InlineData("Machine", false)]
    public void Only_pods_whose_controller_simply_makes_a_new_one_are_evicted(string kind, bool may)
    {
        var pod = RunningPods.Pod();
        pod["metadata"]!["ownerReferences"]![0]!["kind"] = kind;

        Assert.Equal(may, Assert.IsType<MissedVerdict.Missed>(Judge(pod)).MayEvict);
    }

    [Fact]
    public void A_pod_that_nobody_would_make_anew_is_never_evicted()
    {
        var pod = RunningPods.Pod();
        pod["metadata"]!.AsObject().Remove("ownerReferences");

        var missed = Assert.IsType<MissedVerdict.Missed>(Judge(pod));

        Assert.False(missed.MayEvict);
        Assert.Contains("no controller would", missed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Vaults_annotations_count_only_where_they_are_understood()
    {
        var pod = RunningPods.Pod();
        pod["metadata"]!["annotations"] = new JsonObject { ["vault.hashicorp.com/agent-inject"] = "true", ["vault.hashicorp.com/agent-inject-secret-key"] = "kv/shop/web" };
        var on = The.Settings with { Vault = new VaultSettings(true, new Dictionary<string, string>()) };

        Assert.False(IsCandidate(pod));
        Assert.True(IsCandidate(pod, on));
        Assert.IsType<MissedVerdict.Missed>(MissedRule.Judge(pod, "shop", on));
    }

    [Theory]
    [InlineData("kube-system", false)]
    [InlineData("kube-node-lease", false)]
    [InlineData("sidecar-agent", false)]
    [InlineData("legacy", false)]
    [InlineData("shop", true)]
    public void Namespaces_that_the_webhook_is_not_asked_about_are_let_be(string @namespace, bool covered)
    {
        var configuration = Registrations.Of();
        configuration["webhooks"]![0]!["namespaceSelector"] = JsonNode.Parse(
            """{"matchExpressions":[{"key":"kubernetes.io/metadata.name","operator":"NotIn","values":["legacy"]}]}""");

        Assert.Equal(covered, new WebhookScope(configuration, "sidecar-agent").Covers(@namespace, new Dictionary<string, string>()));
    }

    [Theory]
    [InlineData("""{"matchLabels":{"a":"1"}}""", true)]
    [InlineData("""{"matchLabels":{"a":"2"}}""", false)]
    [InlineData("""{"matchExpressions":[{"key":"a","operator":"In","values":["1","2"]}]}""", true)]
    [InlineData("""{"matchExpressions":[{"key":"a","operator":"NotIn","values":["1"]}]}""", false)]
    [InlineData("""{"matchExpressions":[{"key":"b","operator":"Exists"}]}""", false)]
    [InlineData("""{"matchExpressions":[{"key":"b","operator":"DoesNotExist"}]}""", true)]
    [InlineData("""{"matchExpressions":[{"key":"b","operator":"NotIn","values":["1"]}]}""", true)]
    [InlineData("""{"matchExpressions":[{"key":"a","operator":"Like","values":["1"]}]}""", null)]
    public void Selectors_match_as_Kubernetes_does_it(string selector, bool? matches)
    {
        var labels = new Dictionary<string, string> { ["a"] = "1" };

        Assert.Equal(matches, LabelSelector.Matches((JsonObject)JsonNode.Parse(selector)!, labels, areAll: true));
    }

    [Fact]
    public void A_label_that_is_not_known_decides_nothing_unless_another_does()
    {
        var selector = (JsonObject)JsonNode.Parse("""{"matchLabels":{"unknown":"x","kubernetes.io/metadata.name":"shop"}}""")!;

        Assert.Null(LabelSelector.Matches(selector, new Dictionary<string, string> { ["kubernetes.io/metadata.name"] = "shop" }, areAll: false));
        Assert.False(LabelSelector.Matches(selector, new Dictionary<string, string> { ["kubernetes.io/metadata.name"] = "web" }, areAll: false));
    }

    private static bool IsCandidate(JsonObject pod, InjectionSettings? settings = null) =>
        MissedRule.IsCandidate(pod["metadata"]!.AsObject(), Everywhere, settings ?? The.Settings);

    private static MissedVerdict Judge(JsonObject pod) => MissedRule.Judge(pod, "shop", The.Settings);
}
