using System.Text.Json.Nodes;
using SidecarAgent.Webhook.Injection;
using SidecarAgent.Webhook.Plaintext;
using SidecarAgent.Webhook.Tests.Kit;

namespace SidecarAgent.Webhook.Tests.Plaintext;

public sealed class PlaintextScanTests
{
    [Theory]
    [InlineData("DB_PASSWORD", "hunter2", "Name")]
    [InlineData("db.passwd", "123456", "Name")]
    [InlineData("clientSecret", "abc", "Name")]
    [InlineData("API_KEY", "abc", "Name")]
    [InlineData("ROLE_SECRET_ID", "abc", "Name")]
    [InlineData("ANYTHING", "-----BEGIN RSA PRIVATE KEY-----\nMIIB", "Format")]
    [InlineData("ANYTHING", "prefix eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2ln suffix", "Format")]
    [InlineData("ANYTHING", "AKIAIOSFODNN7EXAMPLE", "Format")]
    [InlineData("ANYTHING", "postgres://app:s3cret@db:5432/orders", "Format")]
    [InlineData("ANYTHING", "Server=db;User Id=app;Password=s3cret;", "Format")]
    [InlineData("ANYTHING", "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=Zm9v;EndpointSuffix=core.windows.net", "Format")]
    [InlineData("ANYTHING", "Endpoint=sb://a.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey=Zm9vYmFy", "Format")]
    [InlineData("ANYTHING", "host=db user=app password=s3cret dbname=orders", "Format")]
    [InlineData("ANYTHING", "jdbc:postgresql://db/orders?user=app&password=s3cret", "Format")]
    [InlineData("ANYTHING", "app:s3cret@tcp(db:3306)/orders?parseTime=true", "Format")]
    [InlineData("ANYTHING", "PlainLoginModule required username=\"app\" password=\"s3cret\";", "Format")]
    [InlineData("ANYTHING", "-Xmx1g -Dspring.datasource.password=s3cret", "Format")]
    [InlineData("ANYTHING", "{\"db\":{\"password\": \"s3cret\"}}", "Format")]
    [InlineData("ANYTHING", "{\"type\":\"service_account\",\"private_key\":\"-----BEGIN PRIVATE KEY-----\\nMIIB\"}", "Format")]
    [InlineData("ANYTHING", "{\"token\":\"ghp_0123456789abcdefghijABCDEFGHIJ0123456\"}", "Format")]
    [InlineData("ANYTHING", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY1", "Entropy")]
    public void A_literal_that_is_a_secret_is_found(string name, string value, string kind)
    {
        var finding = Assert.Single(Scan(Env(name, value)));

        Assert.Equal(kind, finding.Kind.ToString());
        Assert.StartsWith($"container 'app': environment variable {name} holds ", finding.Sentence, StringComparison.Ordinal);
        Assert.DoesNotContain(value, finding.Sentence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("DB_PASSWORD", "")]
    [InlineData("DB_PASSWORD", "$(OTHER)")]
    [InlineData("DB_PASSWORD", "/secrets/password")]
    [InlineData("DB_PASSWORD_FILE", "secrets/password")]
    [InlineData("TOKEN_TTL", "3600")]
    [InlineData("MAX_TOKENS", "4096")]
    [InlineData("SECRET_NAME", "orders")]
    [InlineData("USE_TOKEN", "true")]
    [InlineData("COMPASS", "north")]
    [InlineData("AWS_ACCESS_KEY_ID", "")]
    [InlineData("DATABASE_URL", "postgres://app@db:5432/orders")]
    [InlineData("DATABASE_URL", "postgres://app:$(DB_PASSWORD)@db:5432/orders")]
    [InlineData("DATABASE_URL", "postgres://app:%s@db:5432/orders")]
    [InlineData("DATABASE_URL", "postgres://app:****@db:5432/orders")]
    [InlineData("DSN", "host=db user=app password=$(DB_PASSWORD)")]
    [InlineData("DSN", "app@tcp(db:3306)/orders")]
    [InlineData("JDBC_URL", "jdbc:postgresql://db/orders?user=app&passwordencryption=scram")]
    [InlineData("HELP", "the password: ask the team; pwd is short for it")]
    [InlineData("TEMPLATE", "{\"password\":\"{{ .Data.password }}\"}")]
    [InlineData("ENDPOINT", "https://orders.shop.svc.cluster.local:8443/v1/things")]
    [InlineData("CERT", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----")]
    [InlineData("REQUEST_ID", "3f2504e0-4f89-11d3-9a0c-0305e82c3301")]
    [InlineData("COMMIT", "da39a3ee5e6b4b0d3255bfef95601890afd80709")]
    [InlineData("IMAGE", "registry.example/shop@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData("JAVA_OPTS", "-Xmx512m -XX:+UseG1GC -Dspring.profiles.active=production")]
    [InlineData("LONG_NAME", "OrdersServiceInTheShopNamespaceOfProduction1")]
    public void What_only_resembles_one_is_not(string name, string value) => Assert.Empty(Scan(Env(name, value)));

    [Theory]
    [InlineData("args", "--password=hunter2", "password in its args holds what its name says is a secret")]
    [InlineData("args", "--api-key|abc", "the option api-key of its args holds what its name says is a secret")]
    [InlineData("command", "sh|-c|export DB_PASSWORD=hunter2; exec app", "DB_PASSWORD in its command holds")]
    [InlineData("args", "--dsn=postgres://a:hunter2@db/x", "its args holds a URL with a password")]
    [InlineData("args", "--header|Authorization: Bearer eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2ln", "its args holds a JSON web token")]
    [InlineData("args", "--key|wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY1", "its args holds something as random as a key")]
    [InlineData("args", "--seed=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY1", "its args holds something as random as a key")]
    [InlineData("args", "q8Jx2_Token_Rz7Lw5Vb3Nc9YdF4mHs==", "its args holds something as random as a key")]
    [InlineData("args", "-q8Jx2_Token_Rz7Lw5Vb3Nc9YdF4mHs|value", "its args holds something as random as a key")]
    [InlineData("args", "--listen=:8080|--config=/etc/app/config.yaml|--leader-election|--metrics-bind-address=127.0.0.1:8080|/usr/local/bin/OrdersServiceV2", null)]
    [InlineData("args", "--password-file=/secrets/x|--token|$(TOKEN)|--no-password|run", null)]
    [InlineData("command", "sh|-c|DB_PASSWORD=$(cat /secrets/password) exec app", null)]
    public void Command_lines_are_looked_at_too(string list, string arguments, string? found)
    {
        var pod = The.Pod();
        pod["spec"]!["containers"]![0]![list] = new JsonArray([.. arguments.Split('|').Select(a => JsonValue.Create(a))]);

        var findings = Scan(pod);

        if (found is null)
            Assert.Empty(findings);
        else
            Assert.Contains(found, Assert.Single(findings).Sentence, StringComparison.Ordinal);
        Assert.All(findings, finding => Assert.DoesNotMatch("hunter2|wJalr|q8Jx", finding.Sentence));
    }

    [Theory]
    [InlineData("livenessProbe")]
    [InlineData("readinessProbe")]
    [InlineData("startupProbe")]
    [InlineData("postStart")]
    [InlineData("preStop")]
    public void Commands_of_probes_and_hooks_are_looked_at_too(string name)
    {
        var pod = The.Pod();
        var command = new JsonObject { ["exec"] = new JsonObject { ["command"] = new JsonArray("mysqladmin", "--password=hunter2", "ping") } };
        var container = pod["spec"]!["containers"]![0]!;
        if (name.EndsWith("Probe", StringComparison.Ordinal))
            container[name] = command;
        else
            container["lifecycle"] = new JsonObject { [name] = command };

        Assert.StartsWith($"container 'app': password in its {name} holds", Assert.Single(Scan(pod)).Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void A_long_text_made_to_be_looked_at_again_and_again_takes_no_longer()
    {
        foreach (var again in new[] { "password=$.", "://a:$", "\"password\"    ", "x:$@tcp(", "eyJ.eyJ", "-----BEGIN " })
        {
            var text = string.Concat(Enumerable.Repeat(again, 3_000_000 / again.Length));
            // Looked at anew at each of them, this would take hours.
            Assert.InRange(Scan(Env("ANYTHING", text)).Count, 0, 1);
        }
    }

    [Fact]
    public void Secrets_that_become_environment_variables_are_named_in_all_containers()
    {
        var pod = Reviews.Recorded("everything")["request"]!["object"]!.AsObject();

        Assert.Equal(
            [
                "container 'app': environment variable DB_PASSWORD holds what its name says is a secret; bring it as a file with sidecar-agent.io/secret-NAME",
                "container 'app': environment variable FROM_SECRET is made of the Secret 's', which child processes and crash dumps inherit; bring it as a file with sidecar-agent.io/secret-NAME",
                "container 'app': its environment is made of the Secret 's2', which child processes and crash dumps inherit; bring it as a file with sidecar-agent.io/secret-NAME",
            ],
            Scan(pod).Select(finding => finding.Sentence));
    }

    [Theory]
    [InlineData("DB_PASSWORD", 0)]
    [InlineData("*_PASSWORD", 0)]
    [InlineData("app/DB_*", 0)]
    [InlineData("other/DB_*", 1)]
    [InlineData("DB_PASS", 1)]
    public void What_the_operator_knows_to_be_none_is_not_reported(string allowed, int expected) =>
        Assert.Equal(expected, Scan(Env("DB_PASSWORD", "not a secret"), allowed).Count);

    [Theory]
    [InlineData("args", 0)]
    [InlineData("app/args", 0)]
    [InlineData("other/args", 1)]
    public void What_is_in_a_command_line_is_allowed_by_where_it_is(string allowed, int expected)
    {
        var pod = The.Pod();
        pod["spec"]!["containers"]![0]!["args"] = new JsonArray("https://demo:demo@example.org/");

        Assert.Equal(expected, Scan(pod, allowed).Count);
    }

    [Theory]
    [InlineData("shop", "warn")]
    [InlineData("payments", "deny")]
    [InlineData("legacy", "off")]
    [InlineData("team-a", "deny")]
    [InlineData("team-a-test", "off")]
    public void The_namespace_decides_what_happens(string @namespace, string action)
    {
        var settings = The.Settings with
        {
            Plaintext = new PlaintextPolicy(
                PlaintextAction.Warn,
                new Dictionary<string, PlaintextAction>
                {
                    ["payments"] = PlaintextAction.Deny,
                    ["legacy"] = PlaintextAction.Off,
                    ["team-*"] = PlaintextAction.Deny,
                    ["team-*-test"] = PlaintextAction.Off,
                },
                []),
        };

        var decision = The.Decision(Env("DB_PASSWORD", "hunter2"), settings, @namespace);

        Assert.Equal(action == "off" ? 0 : 1, decision.Findings.Count);
        switch (action)
        {
            case "deny":
                var reject = Assert.IsType<Decision.Reject>(decision);
                Assert.Same(RejectReason.Plaintext, reject.Why);
                Assert.Contains("DB_PASSWORD", reject.Message, StringComparison.Ordinal);
                break;
            default:
                Assert.Equal(action == "warn" ? 1 : 0, Assert.IsType<Decision.Inject>(decision).Warnings.Count);
                break;
        }
    }

    [Fact]
    public void A_pod_that_does_not_ask_for_injection_is_not_looked_at()
    {
        var pod = Env("DB_PASSWORD", "hunter2");
        pod["metadata"]!["annotations"]!["sidecar-agent.io/inject"] = "false";

        Assert.Empty(The.Decision(pod).Findings);
    }

    private static IReadOnlyList<PlaintextFinding> Scan(JsonObject pod, params string[] allowed)
    {
        Assert.True(PodTree.TryRead(The.Element(pod), out var tree, out var problem), problem);
        return PlaintextScan.Find(tree, PlaintextPolicy.Warning with { Allowed = allowed });
    }

    private static JsonObject Env(string name, string value)
    {
        var pod = The.Pod();
        pod["spec"]!["containers"]![0]!["env"] = new JsonArray(new JsonObject { ["name"] = name, ["value"] = value });
        return pod;
    }
}
