using SidecarAgent.Webhook.Injection;
using SidecarAgent.Webhook.Tests.Kit;
using SidecarAgent.Webhook.Vault;

namespace SidecarAgent.Webhook.Tests.Vault;

/// <summary>Every annotation that Vault's agent injector 1.7.6 reads (agent-inject/agent/annotations.go).</summary>
public sealed class VaultTableTests
{
    private static readonly InjectionSettings On = The.TrustingSettings with
    {
        Vault = new VaultSettings(true, new Dictionary<string, string>()),
    };

    /// <summary>name: value: what becomes of it. A name that ends in '-' is tried with the file's.</summary>
    private const string Table = """
        agent-inject: true: used
        agent-inject-status: x: silent
        agent-inject-secret-: database/creds/a: used
        agent-inject-template-: {{ 1 }}: used
        agent-inject-template-file-: /t: refused
        agent-inject-default-template: json: used
        agent-template-left-delim-: [[: used
        agent-template-right-delim-: ]]: used
        agent-inject-file-: other: used
        agent-inject-perms-: 0440: used
        agent-inject-command-: kill -HUP 1: refused
        error-on-missing-key-: true: used
        secret-volume-path: /run/shop: used
        secret-volume-path-: /vault/secrets/below: used
        preserve-secret-case: true: used
        preserve-secret-case-: true: used
        agent-inject-containers: app: used
        agent-inject-token: true: refused
        agent-pre-populate: false: warned
        agent-pre-populate-only: true: used
        agent-init-first: true: used
        role: x: warned
        auth-type: x: warned
        auth-path: x: warned
        auth-config-name: x: warned
        auth-min-backoff: 1s: warned
        auth-max-backoff: 1m: warned
        agent-auto-auth-exit-on-err: true: warned
        agent-service-account-token-volume-name: x: warned
        service: x: warned
        namespace: x: warned
        proxy-address: x: warned
        tls-skip-verify: true: warned
        tls-secret: x: warned
        tls-server-name: x: warned
        ca-cert: x: warned
        ca-key: x: warned
        client-cert: x: warned
        client-key: x: warned
        client-max-retries: 2: warned
        client-timeout: 60s: warned
        agent-image: x: warned
        agent-configmap: x: refused
        agent-extra-secret: x: warned
        agent-copy-volume-mounts: x: warned
        agent-run-as-user: 1000: used
        agent-run-as-group: 1000: used
        agent-run-as-same-user: false: used
        agent-set-security-context: true: warned
        agent-share-process-namespace: true: warned
        agent-requests-cpu: 2m: used
        agent-requests-mem: 24Mi: used
        agent-requests-ephemeral: 1Mi: warned
        agent-limits-cpu: 100m: used
        agent-limits-mem: 64Mi: used
        agent-limits-ephemeral: 1Mi: warned
        go-max-procs: 1: warned
        log-level: debug: used
        log-format: json: warned
        agent-revoke-on-shutdown: true: warned
        agent-revoke-grace: 5: warned
        agent-enable-quit: true: warned
        agent-cache-enable: true: warned
        agent-cache-use-auto-auth-token: true: warned
        agent-cache-listener-port: 8200: warned
        agent-cache-exit-on-err: true: warned
        template-static-secret-render-interval: 5m: warned
        template-config-exit-on-retry-failure: true: warned
        template-max-connections-per-host: 10: warned
        template-lease-renewal-threshold: 0.9: warned
        agent-disable-idle-connections: auto-auth: warned
        agent-disable-keep-alives: auto-auth: warned
        agent-json-patch: []: warned
        agent-init-json-patch: []: warned
        agent-telemetry-prometheus_retention_time: 1h: warned
        agent-request-namespace: x: silent
        """;

    public static TheoryData<string, string, string> Rows
    {
        get
        {
            var rows = new TheoryData<string, string, string>();
            foreach (var row in Table.Split('\n').Select(row => row.Split(": ")))
                rows.Add(row[0], row[1], row[2]);
            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void Each_is_used_or_answered_with_what_to_do_instead(string name, string value, string answer)
    {
        var whole = $"vault.hashicorp.com/{(name.EndsWith('-') ? name + "a" : name)}";
        var pod = The.Pod();
        pod["metadata"]!["annotations"] = new System.Text.Json.Nodes.JsonObject
        {
            ["vault.hashicorp.com/agent-inject"] = "true",
            ["vault.hashicorp.com/agent-inject-secret-a"] = "database/creds/a",
        };
        if (name.StartsWith("agent-template-", StringComparison.Ordinal) || name == "agent-inject-template-")
            pod["metadata"]!["annotations"]!["vault.hashicorp.com/agent-inject-template-a"] = "[[ 1 ]]";
        pod["metadata"]!["annotations"]![whole] = value;

        var decision = The.Decision(pod, On);

        if (answer == "refused")
        {
            Assert.StartsWith($"annotation {whole}: ", Assert.Single(Assert.IsType<Decision.Reject>(decision).Problems), StringComparison.Ordinal);
            return;
        }

        var warnings = Assert.IsType<Decision.Inject>(decision).Warnings;
        if (answer == "warned")
            Assert.StartsWith($"{whole} has no effect: ", Assert.Single(warnings), StringComparison.Ordinal);
        else
            Assert.Empty(warnings);
        Assert.DoesNotContain(warnings, warning => warning.Contains("not known", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("agent-inject-secrt-db", "agent-inject-secret-db")]
    [InlineData("agnet-inject-template-db", "agent-inject-template-db")]
    [InlineData("rolle", "role")]
    [InlineData("agent-run-as-usr", "agent-run-as-user")]
    [InlineData("something-of-tomorrow", null)]
    public void An_unknown_one_is_warned_about_with_the_nearest_that_is_known(string name, string? meant)
    {
        var pod = The.Pod();
        pod["metadata"]!["annotations"] = new System.Text.Json.Nodes.JsonObject
        {
            ["vault.hashicorp.com/agent-inject"] = "true",
            ["vault.hashicorp.com/agent-inject-secret-a"] = "database/creds/a",
            [$"vault.hashicorp.com/{name}"] = "x",
        };

        Assert.Equal(
            $"vault.hashicorp.com/{name} has no effect: it is not known" + (meant is null ? "" : $"; did you mean vault.hashicorp.com/{meant}?"),
            Assert.Single(Assert.IsType<Decision.Inject>(The.Decision(pod, On)).Warnings));
    }

    [Theory]
    [InlineData("agent-inject", "yes")]
    [InlineData("agent-init-first", "maybe")]
    [InlineData("agent-pre-populate-only", "")]
    [InlineData("preserve-secret-case-a", "no")]
    [InlineData("error-on-missing-key-a", "on")]
    [InlineData("agent-inject-default-template", "xml")]
    public void What_is_neither_true_nor_false_is_refused_as_Vaults_injector_does(string name, string value)
    {
        var pod = The.Pod();
        pod["metadata"]!["annotations"] = new System.Text.Json.Nodes.JsonObject
        {
            ["vault.hashicorp.com/agent-inject"] = "true",
            ["vault.hashicorp.com/agent-inject-secret-a"] = "database/creds/a",
        };
        pod["metadata"]!["annotations"]![$"vault.hashicorp.com/{name}"] = value;

        var problem = Assert.Single(The.Rejection(pod, On).Problems);

        Assert.StartsWith($"annotation vault.hashicorp.com/{name}: expected \"", problem, StringComparison.Ordinal);
        Assert.EndsWith($", got '{value}'", problem, StringComparison.Ordinal);
    }
}
