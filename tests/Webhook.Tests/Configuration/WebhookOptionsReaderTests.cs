using SidecarAgent.Webhook.Certificates;
using SidecarAgent.Webhook.Configuration;
using SidecarAgent.Webhook.Missed;
using SidecarAgent.Webhook.Plaintext;
using SidecarAgent.Webhook.Policy;
using SidecarAgent.Yaml;

namespace SidecarAgent.Webhook.Tests.Configuration;

public sealed class WebhookOptionsReaderTests
{
    private const string Least = """
        tls: { certFile: /tls/tls.crt, keyFile: /tls/tls.key }
        agent: { image: "registry.example/sidecar-agent:0.1.0" }
        broker: { caFile: /broker/ca.crt }
        """;

    [Fact]
    public void Three_lines_are_enough()
    {
        var options = WebhookOptionsReader.Parse(Least, "webhook.yaml");

        Assert.Equal("0.0.0.0:8443", options.Listen.ToString());
        Assert.Equal("0.0.0.0:9464", options.MetricsListen.ToString());
        Assert.Equal("https://sidecar-broker.sidecar-agent.svc:8443", options.Injection.Broker.Address);
        Assert.Equal("sidecar-broker", options.Injection.Broker.Audience);
        Assert.Equal(65532, options.Injection.Agent.RunAsUser);
        Assert.Equal("64Mi", options.Injection.Agent.Resources.MemoryLimit?.Text);
        Assert.Same(TrustPolicy.Default, options.Injection.Trust);
        Assert.Equal("/broker/ca.crt", options.BrokerCaFile);
    }

    [Fact]
    public void Everything_can_be_said()
    {
        var options = WebhookOptionsReader.Parse("""
            listen: "[::]:443"
            metricsListen: 127.0.0.1:0
            tls: { certFile: /tls/tls.crt, keyFile: /tls/tls.key }
            agent:
              image: agent:1
              pullPolicy: Always
              runAsUser: 1000
              runAsGroup: 2000
              resources: { requests: { cpu: none, memory: 32Mi }, limits: { cpu: 100m, memory: none } }
            broker: { address: "https://broker:8443", caFile: /ca.crt, audience: broker }
            trust:
              - namespaces: [ 'team-*' ]
                may: [ broker, image, audience, resources, mount-path ]
                images: [ 'registry.example/*' ]
                mountPaths: [ '/run/*' ]
                limits: { cpu: 200m, memory: 128Mi, volumeSize: 16Mi }
                fileModes: "0440"
              - { namespaces: [ '*' ], may: [] }
            plaintext: { default: deny, namespaces: { legacy: off }, allow: [ SENTRY_DSN ] }
            vaultAnnotations: { enabled: true, paths: { secret/data/: kv/ } }
            """, "webhook.yaml");

        Assert.Equal("[::]:443", options.Listen.ToString());
        Assert.Equal("/ca.crt", options.BrokerCaFile);
        var agent = options.Injection.Agent;
        Assert.Equal(("Always", 1000L, 2000L), (agent.PullPolicy, agent.RunAsUser, agent.RunAsGroup));
        Assert.Equal((null, "32Mi", "100m", null),
            (agent.Resources.CpuRequest?.Text, agent.Resources.MemoryRequest?.Text, agent.Resources.CpuLimit?.Text, agent.Resources.MemoryLimit?.Text));
        var rule = options.Injection.Trust.Rules[0];
        Assert.Equal((Trusted)0b11111, rule.May);
        Assert.Equal(0b100_100_000, rule.FileModes);
        Assert.Equal(("200m", "128Mi", "16Mi"), (rule.MaxCpu?.Text, rule.MaxMemory?.Text, rule.MaxVolume?.Text));
        var plaintext = options.Injection.Plaintext;
        Assert.Equal((PlaintextAction.Off, PlaintextAction.Deny), (plaintext.For("legacy"), plaintext.For("shop")));
        Assert.Equal(["SENTRY_DSN"], plaintext.Allowed);
        Assert.True(options.Injection.Vault.Enabled);
        Assert.Equal("kv/a", options.Injection.Vault.Map("secret/data/a"));
        Assert.Equal(Trusted.Nothing, options.Injection.Trust.Rules[1].May);
    }

    [Fact]
    public void A_certificate_is_made_here_if_the_configuration_says_so()
    {
        var file = Least.Replace("{ certFile: /tls/tls.crt, keyFile: /tls/tls.key }", "{ selfManaged: { secret: own, webhook: hooks } }", StringComparison.Ordinal);
        var options = WebhookOptionsReader.Parse(file + "\nmissed: { evict: true }\n", "webhook.yaml");
        var defaults = WebhookOptionsReader.Parse(file.Replace("{ secret: own, webhook: hooks }", "{}", StringComparison.Ordinal), "webhook.yaml");

        Assert.Equal((null, new SelfManagedCertificate("own", "hooks"), new MissedSettings(true, true)), (options.CertificateFiles, options.SelfManaged, options.Missed));
        Assert.Equal((new SelfManagedCertificate("sidecar-webhook-tls", "sidecar-agent"), new MissedSettings(true, false)), (defaults.SelfManaged, defaults.Missed));
    }

    [Theory]
    [InlineData("tls: { selfManaged: {}, certFile: a }", "'certFile' does not go together with 'selfManaged'")]
    [InlineData("tls: { selfManaged: { secret: Own } }", "'secret': expected the name of a Kubernetes object")]
    [InlineData("tls: { selfManaged: { name: own } }", "unknown key 'name' in 'selfManaged'")]
    [InlineData("missed: { report: false, evict: true }", "'evict' needs 'report'")]
    [InlineData("", "1:1: expected one YAML document, got 0")]
    [InlineData("agent: { image: a }", "1:1: the file needs 'tls'")]
    [InlineData("agent: { image: a }", "1:1: the file needs 'broker'")]
    [InlineData("broker: {}", "'broker' needs 'caFile'")]
    [InlineData("listen: 8443", "'listen' must be an IP address and a port, such as 0.0.0.0:8443")]
    [InlineData("metricsListen: localhost:9464", "'metricsListen' must be an IP address and a port")]
    [InlineData("lisen: 0.0.0.0:8443", "unknown key 'lisen' in the file; did you mean 'listen'?")]
    [InlineData("agent: { image: \"not an image\" }", "'image': expected an image such as")]
    [InlineData("agent: { image: a, runAsUser: 0 }", "'runAsUser' must be a whole number from 1 to")]
    [InlineData("agent: { image: a, pullPolicy: Sometimes }", "'pullPolicy' must be one of Always, IfNotPresent, Never")]
    [InlineData("agent: { image: a, resources: { limits: { memory: much } } }", "'memory' must be a quantity such as 64Mi")]
    [InlineData("agent: { image: a, resources: { cpu: 1 } }", "unknown key 'cpu' in 'resources'")]
    [InlineData("broker: { address: \"http://broker\" }", "'address': expected an address such as https://")]
    [InlineData("plaintext: { default: shout }", "'default' must be one of warn, deny, off")]
    [InlineData("plaintext: { namespaces: { a: on } }", "'a' must be one of warn, deny, off")]
    [InlineData("trust: [ { may: [] } ]", "an entry of 'trust' needs 'namespaces', such as ['*']")]
    [InlineData("trust: [ { namespaces: ['*'] } ]", "an entry of 'trust' needs 'may'; [] allows nothing")]
    [InlineData("trust: [ { namespaces: ['*'], may: [ everything ] } ]", "'may' lists some of broker, image, audience, resources, mount-path, got 'everything'")]
    [InlineData("trust: [ { namespaces: ['*'], may: [], fileModes: rw } ]", "'fileModes' must be the octal bits")]
    [InlineData("trust: [ { namespaces: ['*'], may: [], limits: { cpu: x } } ]", "'cpu' must be a quantity such as 64Mi or 100m")]
    [InlineData("trust: [ { namespaces: [ Shop ], may: [] } ]", "'namespaces': expected the name of a namespace, with * for any characters, got 'Shop'")]
    [InlineData("trust: [ { namespaces: ['*'], may: [] }, { namespaces: [ shop ], may: [ image ] } ]", "no namespace reaches this entry of 'trust': an earlier one is for '*'")]
    [InlineData("trust: [ { namespaces: [ shop ], may: [], images: [ 'a/*' ] } ]", "'images' limits what 'may' does not allow: add image there, or leave it out")]
    [InlineData("trust: [ { namespaces: [ shop ], may: [ image ], mountPaths: [ '/run/*' ] } ]", "'mountPaths' limits what 'may' does not allow: add mount-path there")]
    [InlineData("trust: [ { namespaces: [ shop ], may: [], limits: { cpu: 1 } } ]", "'limits' limits what 'may' does not allow: add resources there")]
    [InlineData("plaintext: { namespaces: { Pay_ments: deny } }", "'Pay_ments': expected the name of a namespace")]
    [InlineData("vaultAnnotations: { enabled: true, paths: { /secret/data/: kv/ } }", "'/secret/data/': what Vault's paths begin with, without a '/' in front")]
    public void What_is_wrong_is_named_with_its_place(string yaml, string problem)
    {
        var e = Assert.Throws<InvalidYamlException>(() => WebhookOptionsReader.Parse(yaml, "webhook.yaml"));

        Assert.Contains(e.Problems, p => p.ToString().Contains(problem, StringComparison.Ordinal));
        Assert.All(e.Problems, p => Assert.StartsWith("webhook.yaml:", p.ToString(), StringComparison.Ordinal));
    }
}
