using System.Text.Json.Nodes;
using SidecarAgent.Webhook.Injection;
using SidecarAgent.Webhook.Tests.Kit;

namespace SidecarAgent.Webhook.Tests.Injection;

public sealed class PodInjectionTests
{
    [Theory]
    [InlineData(null, "not-requested")]
    [InlineData("false", "switched-off")]
    public void A_pod_that_does_not_ask_is_left_alone_whatever_else_it_says(string? inject, string reason)
    {
        var pod = The.Pod(("no-such-annotation", "x"), ("mount-path", "/"));
        if (inject is null)
            Annotations(pod).Remove("sidecar-agent.io/inject");
        else
            Annotations(pod)["sidecar-agent.io/inject"] = inject;

        Assert.Equal(reason, Assert.IsType<Decision.Skip>(The.Decision(pod)).Reason);
    }

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{"metadata":null,"spec":null}""")]
    [InlineData("""{"metadata":[],"spec":1}""")]
    [InlineData("""{"metadata":{"annotations":["sidecar-agent.io/inject"]},"spec":{}}""")]
    [InlineData("""{"metadata":{"annotations":{"sidecar-agent.io/inject":null}},"spec":{}}""")]
    public void What_is_no_pod_and_does_not_ask_is_left_alone(string json) =>
        Assert.IsType<Decision.Skip>(The.Decision(JsonNode.Parse(json)!.AsObject()));

    [Theory]
    [InlineData("spec", "null", "the pod has no spec")]
    [InlineData("spec", """{"containers":[]}""", "spec.containers must be a list with at least one container")]
    [InlineData("spec", """{"containers":[{}]}""", "spec.containers: each entry needs a name")]
    [InlineData("spec", """{"containers":[1]}""", "spec.containers must be a list of objects")]
    [InlineData("spec", """{"containers":[{"name":"a","volumeMounts":{}}]}""", "container 'a'.volumeMounts must be a list of objects")]
    [InlineData("spec", """{"containers":[{"name":"a","securityContext":1}]}""", "container 'a': securityContext must be an object")]
    [InlineData("spec", """{"containers":[{"name":"a"}],"volumes":[null]}""", "spec.volumes must be a list of objects")]
    [InlineData("spec", """{"containers":[{"name":"a"}],"initContainers":"x"}""", "spec.initContainers must be a list of objects")]
    [InlineData("spec", """{"containers":[{"name":"a"}],"securityContext":[]}""", "spec.securityContext must be an object")]
    [InlineData("spec", """{"containers":[{"name":"a"}],"securityContext":{"supplementalGroups":["1"]}}""", "must be a list of whole numbers")]
    [InlineData("metadata", """{"annotations":{"sidecar-agent.io/inject":true}}""", "the value must be a string")]
    public void What_asks_and_is_no_pod_is_refused(string part, string json, string problem)
    {
        var pod = The.Pod();
        pod[part] = JsonNode.Parse(json);

        var rejection = The.Rejection(pod);

        Assert.Equal("not-a-pod", rejection.Reason);
        Assert.Contains(problem, rejection.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pod_without_any_secret_is_told_what_to_add()
    {
        var pod = The.Pod();
        Annotations(pod).Remove("sidecar-agent.io/secret-key");

        Assert.StartsWith("annotation sidecar-agent.io/inject: nothing to inject: add", The.Rejection(pod).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Lists_that_are_null_are_as_good_as_absent()
    {
        var pod = The.Pod();
        pod["spec"]!["initContainers"] = null;
        pod["spec"]!["volumes"] = null;
        pod["spec"]!["securityContext"] = null;

        var inject = Assert.IsType<Decision.Inject>(The.Decision(pod));

        var injected = inject.After();
        Assert.Single(injected["spec"]!["initContainers"]!.AsArray());
        Assert.True(JsonNode.DeepEquals(injected, PatchApplier.Apply(pod, inject.Patch)));
    }

    [Fact]
    public void The_pod_that_came_in_is_not_touched()
    {
        var pod = The.Pod();
        var before = pod.ToJsonString();

        The.Injected(pod);

        Assert.Equal(before, pod.ToJsonString());
    }

    [Fact]
    public void A_mirror_of_a_static_pod_is_left_alone()
    {
        var pod = The.Pod();
        Annotations(pod)["kubernetes.io/config.mirror"] = "abc";

        Assert.Equal("static-pod", Assert.IsType<Decision.Skip>(The.Decision(pod)).Reason);
    }

    [Fact]
    public void A_mark_on_a_template_that_was_copied_from_a_live_pod_does_not_keep_the_agent_out()
    {
        var pod = The.Pod(("status", "injected"));

        Assert.Equal("sidecar-agent", (string)The.Injected(pod)["spec"]!["initContainers"]![0]!["name"]!);
    }

    [Fact]
    public void Kubernetes_finds_nothing_to_expand_in_the_configuration_and_the_agent_reads_it_whole()
    {
        const string Template = "{{ $x := 1 }}$$ $(HOME) \"é\" 😀 <b>\n";
        var injected = The.Injected(The.Pod(("template-page", Template)));

        var value = (string)injected["spec"]!["initContainers"]![0]!["env"]![0]!["value"]!;

        Assert.DoesNotContain('$', value);
        var file = JsonNode.Parse(value)!["files"]!.AsArray().Single(f => (string)f!["file"]! == "page")!;
        Assert.Equal(Template, (string)file["template"]!);
    }

    [Theory]
    [InlineData("memory-limit", "16Mi", "16Mi", "16Mi")]
    [InlineData("memory-limit", "none", "24Mi", null)]
    [InlineData("memory-request", "none", null, "64Mi")]
    [InlineData("memory-request", "32Mi", "32Mi", "64Mi")]
    public void A_request_that_was_not_chosen_follows_a_lower_limit(string name, string value, string? request, string? limit)
    {
        var resources = The.Injected(The.Pod((name, value)))["spec"]!["initContainers"]![0]!["resources"]!;

        Assert.Equal(request, (string?)resources["requests"]?["memory"]);
        Assert.Equal(limit, (string?)resources["limits"]?["memory"]);
    }

    [Theory]
    [InlineData("memory-request", "65Mi", "the agent's memory request 65Mi is more than its limit 64Mi")]
    [InlineData("volume-size", "64Mi", "a volume of 64Mi does not fit into the agent's memory limit of 64Mi")]
    public void Resources_that_cannot_work_are_refused(string name, string value, string problem) =>
        Assert.Contains(problem, The.Rejection(The.Pod((name, value))).Message, StringComparison.Ordinal);

    [Fact]
    public void An_init_container_that_runs_before_the_agent_cannot_be_chosen()
    {
        var pod = The.Pod(("first", "false"), ("containers", "migrate"));
        pod["spec"]!["initContainers"] = new JsonArray(new JsonObject { ["name"] = "migrate" });

        Assert.Contains("init container 'migrate' runs before the agent, because first is \"false\"", The.Rejection(pod).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_user_that_is_not_the_applications_cannot_signal_it()
    {
        var pod = The.Pod(("run-as-user", "1000"), ("notify", "signal:HUP:app"));
        pod["spec"]!["containers"]![0]!["securityContext"] = new JsonObject { ["runAsUser"] = 2000 };

        Assert.Contains("needs the application's user, which is 2000, got 1000", The.Rejection(pod).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0400", "can be read by user 65532 only")]
    [InlineData("0444", "lets every user in the pod's containers in")]
    [InlineData("0440", null)]
    public void A_mode_that_may_not_be_meant_is_warned_about(string mode, string? warning)
    {
        var inject = Assert.IsType<Decision.Inject>(The.Decision(The.Pod(("mode-key", mode))));

        if (warning is null)
            Assert.Empty(inject.Warnings);
        else
            Assert.Contains(warning, Assert.Single(inject.Warnings), StringComparison.Ordinal);
    }

    private static JsonObject Annotations(JsonObject pod) => pod["metadata"]!["annotations"]!.AsObject();
}
