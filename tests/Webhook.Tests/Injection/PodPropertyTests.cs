using System.Text.Json.Nodes;
using CsCheck;
using SidecarAgent.Webhook.Injection;
using SidecarAgent.Webhook.Tests.Kit;
using SidecarAgent.Webhook.Vault;

namespace SidecarAgent.Webhook.Tests.Injection;

/// <summary>What holds for every pod, tried with random ones.</summary>
public sealed class PodPropertyTests
{
    [Fact]
    public void A_second_run_adds_nothing() => Pods.Injectable.Sample(json =>
    {
        var injected = The.Injected(JsonNode.Parse(json)!.AsObject());

        Assert.Same(SkipReason.AlreadyInjected, Assert.IsType<Decision.Skip>(The.Decision(injected)).Why);
    });

    [Fact]
    public void Whatever_was_in_the_pod_is_still_there() => Pods.Injectable.Sample(json =>
    {
        var pod = JsonNode.Parse(json)!.AsObject();
        var injected = The.Injected(pod);

        AssertKept(pod, injected, "");
    });

    [Fact]
    public void The_patch_makes_the_injected_pod() => Pods.Injectable.Sample(json =>
    {
        var pod = JsonNode.Parse(json)!.AsObject();
        var inject = Assert.IsType<Decision.Inject>(The.Decision(pod));

        Assert.True(JsonNode.DeepEquals(inject.After(), PatchApplier.Apply(pod, inject.Patch)));
    });

    [Fact]
    public void Names_of_containers_and_volumes_stay_unique_and_every_mount_has_its_volume() => Pods.Injectable.Sample(json =>
    {
        var spec = The.Injected(JsonNode.Parse(json)!.AsObject())["spec"]!;
        var containers = List(spec["initContainers"]).Concat(List(spec["containers"])).ToList();
        var volumes = List(spec["volumes"]).Select(Name).ToList();

        Assert.Equal(containers.Count, containers.Select(Name).Distinct().Count());
        Assert.Equal(volumes.Count, volumes.Distinct().Count());
        Assert.All(containers, container => Assert.All(List(container["volumeMounts"]), mount => Assert.Contains(Name(mount), volumes)));
        Assert.All(containers, container =>
        {
            var paths = List(container["volumeMounts"]).Select(mount => (string)mount["mountPath"]!).ToList();
            Assert.Equal(paths.Count, paths.Distinct().Count());
        });
    });

    [Fact]
    public void Whatever_annotations_say_the_answer_is_a_valid_pod_or_a_sentence() => Pods.WithAnyAnnotations.Sample(json =>
        CheckAnswer(JsonNode.Parse(json)!.AsObject(), The.TrustingSettings));

    [Fact]
    public void Whatever_Vaults_annotations_say_the_answer_is_a_valid_pod_or_a_sentence() => Pods.WithAnyVaultAnnotations.Sample(json =>
        CheckAnswer(JsonNode.Parse(json)!.AsObject(), The.TrustingSettings with
        {
            Vault = new VaultSettings(true, new Dictionary<string, string> { ["secret/data/"] = "kv/" }),
        }));

    [Fact]
    public void Whatever_tree_comes_as_a_pod_nothing_crashes() => Pods.AnyTree.Sample(json =>
    {
        var pod = The.Pod(("first", "false"));
        pod["spec"] = JsonNode.Parse(json);

        if (The.Decision(pod) is Decision.Inject inject)
            Assert.True(JsonNode.DeepEquals(inject.After(), PatchApplier.Apply(pod, inject.Patch)));
    });

    /// <summary>Objects may gain members; lists may gain entries, and keep those they had in their order.</summary>
    private static void CheckAnswer(JsonObject pod, InjectionSettings settings)
    {
        switch (The.Decision(pod, settings))
        {
            case Decision.Inject inject:
                Assert.Empty(PodSchema.Problems(inject.After()));
                Assert.All(inject.Warnings, warning => Assert.True(Foreign.IsPlain(warning), warning));
                break;
            case Decision.Reject reject:
                Assert.NotEmpty(reject.Problems);
                Assert.All(reject.Problems, problem => Assert.True(Foreign.IsPlain(problem), problem));
                break;
        }
    }

    private static void AssertKept(JsonNode? before, JsonNode? after, string at)
    {
        switch (before)
        {
            case JsonObject map:
                foreach (var (name, value) in map)
                    AssertKept(value, Assert.IsType<JsonObject>(after)[name], $"{at}/{name}");
                break;
            case JsonArray list when list.Count > 0 && list.All(item => item is JsonObject named && IsText(named["name"])):
                var kept = Assert.IsType<JsonArray>(after)
                    .Where(item => !Name(item!).StartsWith("sidecar-agent", StringComparison.Ordinal)).ToList();
                Assert.Equal(list.Count, kept.Count);
                for (var i = 0; i < kept.Count; i++)
                    AssertKept(list[i], kept[i], $"{at}/{i}");
                break;
            case JsonArray list:
                Assert.Equal(list.Select(Text), Assert.IsType<JsonArray>(after).Take(list.Count).Select(Text));
                break;
            default:
                Assert.True(JsonNode.DeepEquals(before, after), $"{at} was {Text(before)} and is {Text(after)}");
                break;
        }
    }

    private static bool IsText(JsonNode? node) => node?.GetValueKind() == System.Text.Json.JsonValueKind.String;

    private static IEnumerable<JsonObject> List(JsonNode? list) => (list as JsonArray ?? []).Select(item => item!.AsObject());

    private static string Name(JsonNode named) => (string)named["name"]!;

    private static string Text(JsonNode? node) => node?.ToJsonString() ?? "null";
}
