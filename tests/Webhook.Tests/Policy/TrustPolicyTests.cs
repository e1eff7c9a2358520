using SidecarAgent.Webhook.Injection;
using SidecarAgent.Webhook.Policy;
using SidecarAgent.Webhook.Tests.Kit;

namespace SidecarAgent.Webhook.Tests.Policy;

public sealed class TrustPolicyTests
{
    private static readonly TrustPolicy Rules = new(
    [
        new TrustRule { Namespaces = ["payments"], May = Trusted.Nothing },
        new TrustRule
        {
            Namespaces = ["team-*", "shop"],
            May = Trusted.Image | Trusted.Resources | Trusted.MountPath,
            Images = ["registry.example/agent*"],
            MountPaths = ["/run/*"],
            MaxCpu = Quantity.Parse("100m"),
            MaxMemory = Quantity.Parse("128Mi"),
            MaxVolume = Quantity.Parse("16Mi"),
            FileModes = 0b100_100_000,
        },
        new TrustRule { Namespaces = ["platform"], May = Trusted.Broker | Trusted.Audience },
    ]);

    [Theory]
    [InlineData("shop", "image", "registry.example/agent:2", null)]
    [InlineData("team-a", "image", "registry.example/agent:2", null)]
    [InlineData("team-a", "image", "elsewhere/agent:2", "is not among those allowed")]
    [InlineData("payments", "image", "registry.example/agent:2", "not allowed in namespace 'payments' by the webhook's trust policy (it needs 'image')")]
    [InlineData("other", "image", "registry.example/agent:2", "not allowed in namespace 'other'")]
    [InlineData("shop", "broker", "https://b:1", "it needs 'broker'")]
    [InlineData("platform", "broker", "https://b:1", null)]
    [InlineData("platform", "audience", "x", null)]
    [InlineData("shop", "audience", "x", "it needs 'audience'")]
    [InlineData("shop", "mount-path", "/run/x", null)]
    [InlineData("shop", "mount-path", "/data", "is not among those allowed")]
    [InlineData("platform", "mount-path", "/run/x", "it needs 'mount-path'")]
    [InlineData("shop", "cpu-limit", "100m", null)]
    [InlineData("shop", "cpu-limit", "0.2", "0.2 is more than 100m, the most allowed")]
    [InlineData("shop", "cpu-request", "200m", "200m is more than 100m")]
    [InlineData("shop", "memory-limit", "129Mi", "129Mi is more than 128Mi")]
    [InlineData("shop", "memory-limit", "none", "a limit of at most 128Mi is needed")]
    [InlineData("shop", "memory-request", "none", null)]
    [InlineData("shop", "volume-size", "17Mi", "17Mi is more than 16Mi")]
    [InlineData("platform", "volume-size", "2Mi", "it needs 'resources'")]
    [InlineData("platform", "memory-request", "2Mi", "it needs 'resources'")]
    [InlineData("shop", "mode-key", "0444", "mode 0444 has bits beyond 0440")]
    [InlineData("platform", "mode-key", "0444", null)]
    public void The_first_rule_for_the_namespace_decides(string @namespace, string name, string value, string? violation)
    {
        var request = InjectionRequestParser.Parse(new AnnotationSet(new Dictionary<string, string>
        {
            ["sidecar-agent.io/secret-key"] = "kv/shop/web#key",
            [$"sidecar-agent.io/{name}"] = value,
        })).Request;

        var violations = Rules.Violations(@namespace, request).ToList();

        if (violation is null)
            Assert.Empty(violations);
        else
            Assert.Contains(violation, Assert.Single(violations), StringComparison.Ordinal);
        Assert.All(violations, v => Assert.StartsWith($"annotation sidecar-agent.io/{name}: ", v, StringComparison.Ordinal));
    }

    [Fact]
    public void Without_rules_a_pod_decides_about_itself_and_not_about_whom_to_believe()
    {
        Assert.IsType<Decision.Inject>(The.Decision(The.Pod(("mount-path", "/run/x"), ("memory-limit", "80Mi"))));
        foreach (var (name, value) in new[] { ("broker", "https://b:1"), ("image", "x:1"), ("audience", "y") })
            Assert.Same(RejectReason.NotTrusted, The.Rejection(The.Pod((name, value))).Why);
    }
}
