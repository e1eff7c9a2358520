using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using SidecarAgent.Webhook.Injection;
using SidecarAgent.Webhook.Tests.Kit;
using SidecarAgent.Yaml;

namespace SidecarAgent.Webhook.Tests.Injection;

/// <summary>Pod in, pod out: Golden/NAME.in.yaml becomes Golden/NAME.out.yaml. UPDATE_GOLDEN=1 writes the latter.</summary>
public sealed class GoldenTests
{
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static TheoryData<string> Pods => [.. Repository.Names("Golden", ".in.yaml")];

    public static TheoryData<string> Reviews => [.. Repository.Names("Fixtures/Reviews", ".json")];

    [Theory]
    [MemberData(nameof(Pods))]
    public void A_pod_becomes_what_its_golden_file_says(string name)
    {
        var pod = YamlJson.Parse(Repository.Read("Golden", name + ".in.yaml"), name)!.AsObject();

        var decision = The.Decision(pod, The.TrustingSettings);

        Golden.Matches(Show(decision), "Golden", name + ".out.yaml");
        CheckInjected(pod, decision, allowUnknownFields: name == "unknown-fields");
    }

    [Theory]
    [MemberData(nameof(Reviews))]
    public void A_pod_that_a_real_API_server_sent_gets_the_patch_of_its_golden_file(string name)
    {
        var request = JsonNode.Parse(Repository.Read("Fixtures", "Reviews", name + ".json"))!["request"]!;
        var pod = request["object"]!.AsObject();

        var decision = The.Decision(pod, The.Settings, (string)request["namespace"]!);

        var inject = Assert.IsType<Decision.Inject>(decision);
        Golden.Matches(PatchApplier.Read(inject.Patch).ToJsonString(Indented) + "\n", "Golden", $"review-{name}.patch.json");
        CheckInjected(pod, decision, allowUnknownFields: false);
    }

    private static void CheckInjected(JsonObject pod, Decision decision, bool allowUnknownFields)
    {
        if (decision is not Decision.Inject inject)
            return;
        var patch = inject.Patch;
        Assert.True(JsonNode.DeepEquals(inject.After(), PatchApplier.Apply(pod, patch)), "the patch does not make the injected pod");
        if (!allowUnknownFields)
            Assert.Empty(PodSchema.Problems(inject.After()));
        Assert.Same(SkipReason.AlreadyInjected, Assert.IsType<Decision.Skip>(The.Decision(inject.After())).Why);
    }

    private static string Show(Decision decision)
    {
        var shown = new StringBuilder();
        switch (decision)
        {
            case Decision.Inject inject:
                foreach (var line in inject.Plan.Explain())
                    shown.Append("# ").Append(line).Append('\n');
                foreach (var warning in inject.Warnings)
                    shown.Append("# warning: ").Append(warning).Append('\n');
                shown.Append(YamlWriter.Write(inject.After()));
                break;
            case Decision.Reject reject:
                shown.Append("# rejected: ").Append(reject.Reason).Append('\n');
                foreach (var problem in reject.Problems)
                    shown.Append("# - ").Append(problem).Append('\n');
                break;
            default:
                shown.Append("# skipped: ").Append(decision.Reason).Append('\n');
                break;
        }

        return shown.ToString();
    }
}
