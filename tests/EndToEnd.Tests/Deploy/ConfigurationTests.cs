using System.Text.Json.Nodes;
using SidecarAgent.Quickstart.Installation;
using SidecarAgent.Testing;
using SidecarAgent.Yaml;

namespace SidecarAgent.EndToEnd.Tests.Deploy;

/// <summary>The programs' configurations are good, and say what the objects around them say.</summary>
public class ConfigurationTests
{
    public static TheoryData<string> All => Manifests.All;

    [Theory]
    [MemberData(nameof(All))]
    public async Task The_programs_find_their_configurations_good(string name)
    {
        var manifests = await Manifests.RenderAsync(name);
        using var root = TempDirectory.Create();
        using var certificates = new TestCertificates(root.FullName);
        var programs = Programs.Locate();
        var broker = new Command(programs.Broker, Programs.Environment, root.FullName, TimeProvider.System);
        var webhook = new Command(programs.Webhook, Programs.Environment, root.FullName, TimeProvider.System);
        LayOut(root);
        await broker.RunAsync(CancellationToken.None, "init-key", "--if-missing", root.File("var/lib/sidecar-broker-key/kek"));
        root.Write("etc/sidecar-broker-policies/README.yaml", (string)manifests.Get("ConfigMap", "sidecar-broker-policies")["data"]!["README.yaml"]!);

        var brokerFile = root.Write("broker.yaml", Under(root, manifests.Configuration("sidecar-broker-config", "broker.yaml")));
        var webhookFile = root.Write("webhook.yaml", Under(root, manifests.Configuration("sidecar-webhook-config", "webhook.yaml")));

        await broker.RunAsync(CancellationToken.None, "check", "--config", brokerFile);
        await webhook.RunAsync(CancellationToken.None, "check", "--config", webhookFile);
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Ports_services_and_addresses_agree(string name)
    {
        var manifests = await Manifests.RenderAsync(name);
        foreach (var (program, port) in new[] { ("broker", "grpc"), ("webhook", "https") })
        {
            var configuration = Configuration(manifests, program);
            var container = Container(manifests, program);
            var ports = Manifests.List(container["ports"]).ToDictionary(entry => (string)entry["name"]!, entry => (long)entry["containerPort"]!);
            Assert.Equal($"0.0.0.0:{ports[port]}", (string)configuration["listen"]!);
            Assert.Equal($"0.0.0.0:{ports["metrics"]}", (string)configuration["metricsListen"]!);
            var service = Manifests.List(manifests.Get("Service", $"sidecar-{program}")["spec"]!["ports"]).Single();
            Assert.Equal(port, (string)service["targetPort"]!);
            foreach (var probe in new[] { "readinessProbe", "livenessProbe" })
                Assert.Equal("metrics", (string)container[probe]!["httpGet"]!["port"]!);
            var allowed = Manifests.List(manifests.Get("NetworkPolicy", $"sidecar-{program}")["spec"]!["ingress"]!)
                .SelectMany(rule => Manifests.List(rule["ports"])).Select(entry => (string)entry["port"]!);
            Assert.Equal(ports.Keys.Order(), allowed.Order());
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task The_broker_is_where_the_webhook_sends_agents_and_takes_their_tokens(string name)
    {
        var manifests = await Manifests.RenderAsync(name);
        var webhook = Configuration(manifests, "webhook");
        var broker = Configuration(manifests, "broker");
        var address = new Uri((string)webhook["broker"]!["address"]!);

        Assert.Equal($"sidecar-broker.{Manifests.Namespace}.svc", address.Host);
        Assert.Equal((long)address.Port, (long)manifests.Get("Service", "sidecar-broker")["spec"]!["ports"]![0]!["port"]!);
        Assert.Equal((string)webhook["broker"]!["audience"]!, (string)broker["issuers"]![0]!["audience"]!);
        var hosts = manifests.Of("Certificate").SingleOrDefault(certificate => Manifests.Name(certificate) == "sidecar-broker") is { } certificate
            ? certificate["spec"]!["dnsNames"]
            : broker["tls"]!["selfManaged"]!["hosts"];
        Assert.Contains(address.Host, Manifests.List(hosts).Select(host => (string)host!));
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task The_registration_calls_the_webhook(string name)
    {
        var manifests = await Manifests.RenderAsync(name);
        var target = manifests.Get("MutatingWebhookConfiguration", "sidecar-agent")["webhooks"]![0]!["clientConfig"]!["service"]!;

        Assert.Equal(Manifests.Namespace, (string)target["namespace"]!);
        Assert.Equal("/mutate", (string)target["path"]!);
        var service = manifests.Get("Service", (string)target["name"]!);
        Assert.Equal((long)target["port"]!, (long)service["spec"]!["ports"]![0]!["port"]!);
    }

    /// <summary>An overlay's configuration is the base's but for what the overlay is about.</summary>
    [Theory]
    [InlineData("overlays/cert-manager", "tls")]
    [InlineData("overlays/evict-missed", "missed")]
    [InlineData("overlays/vault-annotations", "vaultAnnotations")]
    [InlineData("overlays/postgres", "storage tls")]
    [InlineData("overlays/monitoring", "")]
    public async Task Overlays_change_what_they_are_about(string name, string keys)
    {
        var (plain, changed) = (await Manifests.RenderAsync(Manifests.Base), await Manifests.RenderAsync(name));
        foreach (var program in new[] { "broker", "webhook" })
        {
            var (before, after) = (Configuration(plain, program), Configuration(changed, program));
            var differing = before.Select(member => member.Key).Union(after.Select(member => member.Key))
                .Where(member => !JsonNode.DeepEquals(before[member], after[member]));
            Assert.All(differing, member => Assert.Contains(member, keys.Split(' ')));
        }
    }

    [Fact]
    public async Task With_a_database_server_the_broker_may_reach_it_and_needs_no_volume_for_a_file()
    {
        var manifests = await Manifests.RenderAsync("overlays/postgres");
        var database = Configuration(manifests, "broker")["storage"]!["postgres"]!;
        var workload = manifests.Get("StatefulSet", "sidecar-broker")["spec"]!;
        var policy = manifests.Get("NetworkPolicy", "sidecar-broker")["spec"]!;
        var secret = Manifests.List(workload["template"]!["spec"]!["volumes"]).Single(volume => volume["secret"] is not null);
        var mounts = Manifests.List(Container(manifests, "broker")["volumeMounts"]).ToDictionary(mount => (string)mount["name"]!, mount => (string)mount["mountPath"]!);

        Assert.Equal(["key", "audit"], Manifests.List(workload["volumeClaimTemplates"]).Select(Manifests.Name));
        Assert.Equal(["Ingress", "Egress"], Manifests.List(policy["policyTypes"]).Select(type => (string)type!));
        var ports = Manifests.List(policy["egress"]).SelectMany(rule => Manifests.List(rule["ports"])).Select(port => (long)port["port"]!).Distinct();
        Assert.Equal([5432L, 443, 6443, 53], ports);
        Assert.Null(database["port"]);
        Assert.Null(database["sslMode"]);
        foreach (var file in new[] { "passwordFile", "caFile" })
            Assert.StartsWith(mounts[(string)secret["name"]!] + "/", (string)database[file]!, StringComparison.Ordinal);
        // The CA outlives the pod.
        Assert.StartsWith(
            mounts["key"] + "/", (string)Configuration(manifests, "broker")["tls"]!["selfManaged"]!["directory"]!, StringComparison.Ordinal);
    }

    private static JsonObject Configuration(Manifests manifests, string program) =>
        YamlJson.Parse(manifests.Configuration($"sidecar-{program}-config", $"{program}.yaml"), program)!.AsObject();

    private static JsonNode Container(Manifests manifests, string program) =>
        Manifests.List(manifests.Pods().Single(pod => pod.Workload.EndsWith(program, StringComparison.Ordinal)).Pod["spec"]!["containers"]).Single();

    /// <summary>What containers find when they start.</summary>
    private static void LayOut(TempDirectory root)
    {
        foreach (var directory in new[] { "var/lib/sidecar-broker", "var/lib/sidecar-broker-key", "var/log/sidecar-broker", "etc" })
            Directory.CreateDirectory(root.File(directory));
        foreach (var program in new[] { "broker", "webhook" })
        {
            root.Write($"etc/sidecar-{program}-tls/tls.crt", File.ReadAllText(root.File("tls.crt")));
            root.Write($"etc/sidecar-{program}-tls/tls.key", File.ReadAllText(root.File("tls.key")));
        }

        root.Write("etc/sidecar-broker-database/password", "of the database");
        root.Write("etc/sidecar-broker-database/ca.crt", File.ReadAllText(root.File("ca.crt")));
        root.Write("etc/sidecar-broker-ca/ca.crt", File.ReadAllText(root.File("ca.crt")));
        root.Write("var/run/secrets/kubernetes.io/serviceaccount/ca.crt", File.ReadAllText(root.File("ca.crt")));
        root.Write("var/run/secrets/kubernetes.io/serviceaccount/token", "token");
    }

    /// <summary>With absolute paths below a directory of this machine.</summary>
    private static string Under(TempDirectory root, string configuration) => configuration
        .Replace(" /var/", $" {root.FullName}/var/", StringComparison.Ordinal)
        .Replace(" /etc/", $" {root.FullName}/etc/", StringComparison.Ordinal);
}
