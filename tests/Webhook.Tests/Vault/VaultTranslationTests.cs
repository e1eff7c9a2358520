using System.Text.Json.Nodes;
using SidecarAgent.Webhook.Injection;
using SidecarAgent.Webhook.Policy;
using SidecarAgent.Webhook.Tests.Kit;
using SidecarAgent.Webhook.Vault;

namespace SidecarAgent.Webhook.Tests.Vault;

public sealed class VaultTranslationTests
{
    private static readonly InjectionSettings On = The.TrustingSettings with
    {
        Vault = new VaultSettings(true, new Dictionary<string, string> { ["secret/data/"] = "kv/", ["secret/data/team/"] = "team-kv/" }),
    };

    [Fact]
    public void Off_means_that_nothing_of_it_is_seen()
    {
        var pod = Pod(("agent-inject-secret-db", "database/creds/app"));

        Assert.Same(SkipReason.NotRequested, Assert.IsType<Decision.Skip>(The.Decision(pod)).Why);
    }

    [Fact]
    public void A_pod_of_Vaults_injector_gets_the_same_files_at_the_same_place()
    {
        var (injected, warnings) = Inject(Pod(("role", "app"), ("agent-inject-secret-DB.txt", "database/creds/app")));

        var configuration = Configuration(injected);
        Assert.Equal("/vault/secrets", (string)configuration["mountPath"]!);
        var file = Assert.Single(configuration["files"]!.AsArray())!;
        Assert.Equal("db.txt", (string)file["file"]!);
        Assert.Equal("{{ range $k, $v := secret \"database/creds/app\" }}{{ $k }}: {{ $v }}\n{{ end }}", (string)file["template"]!);
        Assert.Equal("vault.hashicorp.com/role has no effect: the agent proves the pod's service account, and the broker's policies name those",
            Assert.Single(warnings));
        Assert.Equal("injected", (string)injected["metadata"]!["annotations"]!["sidecar-agent.io/status"]!);
    }

    [Fact]
    public void The_common_annotations_become_ours()
    {
        var (injected, warnings) = Inject(Pod(
            ("agent-inject-secret-cfg", "secret/data/shop/web"), ("agent-inject-template-cfg", "[[ with secret \"secret/data/shop/web\" ]][[ .Data.data.user ]][[ end ]]"),
            ("agent-template-left-delim-cfg", "[["), ("agent-template-right-delim-cfg", "]]"), ("error-on-missing-key-cfg", "true"),
            ("agent-inject-file-cfg", "app/config.ini"), ("agent-inject-perms-cfg", "0400"), ("agent-inject-command-cfg", "sh -c 'curl -X POST http://localhost:8080/reload'"),
            ("secret-volume-path", "/etc/app/secrets"), ("agent-pre-populate-only", "false"), ("agent-init-first", "true"),
            ("agent-run-as-user", "1000"), ("agent-run-as-group", "1000"), ("agent-requests-cpu", "10m"), ("agent-requests-mem", "32Mi"),
            ("agent-limits-cpu", ""), ("agent-limits-mem", "48Mi"), ("log-level", "WARNING"), ("agent-inject-status", "injected"),
            ("agent-inject-containers", "app"), ("agent-pre-populate", "true")));

        var agent = injected["spec"]!["initContainers"]![0]!;
        var configuration = Configuration(injected);
        Assert.Equal("""{"file":"app/config.ini","template":"[[ with secret \"kv/shop/web\" ]][[ .Data.data.user ]][[ end ]]","leftDelimiter":"[[","rightDelimiter":"]]","missingKey":"error","mode":"0400","notify":"http:8080/reload"}""",
            configuration["files"]![0]!.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));
        Assert.Equal(("/etc/app/secrets", "warn"), ((string)configuration["mountPath"]!, (string)configuration["logLevel"]!));
        Assert.Equal(1000, (long)agent["securityContext"]!["runAsUser"]!);
        Assert.Equal("""{"requests":{"cpu":"10m","memory":"32Mi"},"limits":{"memory":"48Mi"}}""", agent["resources"]!.ToJsonString());
        Assert.Contains("mode 0400 can be read by user 1000 only", Assert.Single(warnings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("secret/data/shop/web", "kv/shop/web")]
    [InlineData("/secret/data/team/x", "team-kv/x")]
    [InlineData("database/creds/app", "database/creds/app")]
    public void Paths_are_mapped_by_their_longest_known_beginning(string theirs, string ours)
    {
        var (injected, _) = Inject(Pod(("agent-inject-default-template", "json"), ("agent-inject-secret-a", theirs)));

        Assert.Equal(ours, (string)Configuration(injected)["files"]![0]!["secret"]!);
    }

    [Theory]
    [InlineData("{{with secret \"secret/data/a\"}}", "{{with secret \"kv/a\"}}")]
    [InlineData("{{(secret `secret/data/a`).Data}}", "{{(secret `kv/a`).Data}}")]
    [InlineData("{{- pkiCert   \"secret/data/a\" -}}", "{{- pkiCert   \"kv/a\" -}}")]
    [InlineData("{{ \"secret/data/a\" }} \"secret\" \"secret/data/a\"", "{{ \"secret/data/a\" }} \"secret\" \"secret/data/a\"")]
    [InlineData("my-secret \"secret/data/a", "my-secret \"secret/data/a")]
    [InlineData("", "")]
    public void Paths_in_templates_are_mapped_too(string theirs, string ours) => Assert.Equal(ours, On.Vault.MapTemplate(theirs));

    [Theory]
    [InlineData("agent-inject-template-file-a", "/tpl", "the agent's image holds no templates; write it into agent-inject-template-a")]
    [InlineData("agent-inject-command-a", "systemctl reload x", "the agent runs no commands; tell the application with sidecar-agent.io/notify-a")]
    [InlineData("agent-inject-token", "true", "no application gets the agent's token")]
    [InlineData("agent-configmap", "mine", "the agent is configured by annotations alone")]
    [InlineData("secret-volume-path-a", "/elsewhere", "all files of a pod are below one mount, /vault/secrets")]
    [InlineData("agent-run-as-same-user", "true", "the first container does not say its user")]
    [InlineData("agent-inject-perms-a", "rw", "expected an octal mode")]
    [InlineData("agent-run-as-user", "0", "does not run as root")]
    [InlineData("agent-limits-mem", "much", "expected a quantity")]
    [InlineData("agent-inject-secret-b", "secret/data/x?version=2", "a path's segments hold only")]
    [InlineData("agent-inject-file-zzz", "x", "there is no secret-zzz and no template-zzz")]
    public void What_the_application_would_miss_is_refused_by_the_name_its_author_wrote(string name, string value, string problem)
    {
        var rejection = The.Rejection(Pod(("agent-inject-secret-a", "database/creds/a"), (name, value)), On);

        var only = Assert.Single(rejection.Problems);
        Assert.StartsWith($"annotation vault.hashicorp.com/{name}: ", only, StringComparison.Ordinal);
        Assert.Contains(problem, only, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_annotation_without_effect_says_why()
    {
        foreach (var name in VaultAnnotations.Ignored.Keys)
        {
            var (_, warnings) = Inject(Pod(("agent-inject-secret-a", "database/creds/a"), (name.EndsWith('-') ? name + "x" : name, "false")));

            Assert.StartsWith($"vault.hashicorp.com/{name}", Assert.Single(warnings), StringComparison.Ordinal);
        }

        Assert.Equal(["vault.hashicorp.com/brand-new has no effect: it is not known"],
            Inject(Pod(("agent-inject-secret-a", "database/creds/a"), ("brand-new", "x"))).Warnings);
    }

    [Fact]
    public void A_directory_for_one_secret_is_honoured_below_the_mount()
    {
        var (injected, _) = Inject(Pod(("agent-inject-secret-a", "database/creds/a"), ("secret-volume-path-a", "/vault/secrets/deep/er/")));

        Assert.Equal("deep/er/a", (string)Configuration(injected)["files"]![0]!["file"]!);
    }

    [Fact]
    public void The_user_of_the_application_is_taken_where_asked()
    {
        var pod = Pod(("agent-inject-secret-a", "database/creds/a"), ("agent-run-as-same-user", "true"));
        pod["spec"]!["containers"]![0]!["securityContext"] = new JsonObject { ["runAsUser"] = 1234 };

        Assert.Equal(1234, (long)Inject(pod).Pod["spec"]!["initContainers"]![0]!["securityContext"]!["runAsUser"]!);
    }

    [Fact]
    public void Our_own_annotations_go_first()
    {
        var pod = Pod(("agent-inject-secret-a", "database/creds/a"), ("secret-volume-path", "/theirs"));
        pod["metadata"]!["annotations"]!["sidecar-agent.io/mount-path"] = "/ours";
        pod["metadata"]!["annotations"]!["sidecar-agent.io/inject"] = "false";
        Assert.IsType<Decision.Skip>(The.Decision(pod, On));

        pod["metadata"]!["annotations"]!["sidecar-agent.io/inject"] = "true";
        Assert.Equal("/ours", (string)Configuration(Inject(pod).Pod)["mountPath"]!);
    }

    [Fact]
    public void Case_is_kept_where_asked()
    {
        var (injected, _) = Inject(Pod(("agent-inject-secret-A", "a/a"), ("agent-inject-secret-B", "b/b"), ("preserve-secret-case-A", "true")));

        Assert.Equal(["A", "b"], Configuration(injected)["files"]!.AsArray().Select(file => (string)file!["file"]!));
    }

    [Fact]
    public void The_place_of_Vaults_files_needs_no_trust_but_a_chosen_one_does()
    {
        var strict = On with { Trust = new TrustPolicy([]) };

        Assert.IsType<Decision.Inject>(The.Decision(Pod(("agent-inject-secret-a", "a/a")), strict));
        Assert.Same(RejectReason.NotTrusted, The.Rejection(Pod(("agent-inject-secret-a", "a/a"), ("secret-volume-path", "/x")), strict).Why);
    }

    private static (JsonObject Pod, IReadOnlyList<string> Warnings) Inject(JsonObject pod) => The.Decision(pod, On) switch
    {
        Decision.Inject inject => (inject.After(), inject.Warnings),
        Decision.Reject reject => throw new InvalidOperationException(reject.Message),
        var other => throw new InvalidOperationException(other.Reason),
    };

    private static JsonNode Configuration(JsonObject injected) =>
        JsonNode.Parse((string)injected["spec"]!["initContainers"]![0]!["env"]![0]!["value"]!)!;

    private static JsonObject Pod(params (string Name, string Value)[] annotations)
    {
        var pod = The.Pod();
        var map = new JsonObject { ["vault.hashicorp.com/agent-inject"] = "true" };
        foreach (var (name, value) in annotations)
            map[$"vault.hashicorp.com/{name}"] = value;
        pod["metadata"]!["annotations"] = map;
        return pod;
    }
}
