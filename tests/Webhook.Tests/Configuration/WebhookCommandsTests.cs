using SidecarAgent.Webhook.Tests.Kit;

namespace SidecarAgent.Webhook.Tests.Configuration;

public sealed class WebhookCommandsTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Check_says_what_a_good_configuration_means()
    {
        var (code, output, error) = await RunAsync("check", "--config", Configuration(TestCertificate.Create()));

        Assert.Equal((0, ""), (code, error));
        Assert.StartsWith("the configuration is good: reviews on 127.0.0.1:0, metrics on 127.0.0.1:0, agents run agent:1", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_is_not_the_certificates_is_a_bad_configuration()
    {
        var certificate = TestCertificate.Create() with { KeyPem = TestCertificate.Create().KeyPem };

        var (code, _, error) = await RunAsync("check", "--config", Configuration(certificate));

        Assert.Equal(2, code);
        Assert.Contains("are not a certificate and its key in PEM", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ca: nothing", "holds no certificate")]
    [InlineData("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "holds a certificate that cannot be read")]
    public async Task Authorities_that_are_none_are_a_bad_configuration(string pem, string problem)
    {
        var (code, _, error) = await RunAsync("run", "--config", Configuration(TestCertificate.Create(), pem));

        Assert.Equal(2, code);
        Assert.Contains(problem, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_a_bad_configuration()
    {
        var (code, _, error) = await RunAsync("run", "--config", _directory.PathTo("no.yaml"));

        Assert.Equal(2, code);
        Assert.Contains("no.yaml", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_made_here_needs_a_cluster_to_run_in_but_not_to_be_checked()
    {
        var path = _directory.Write("webhook.yaml", $$"""
            listen: 127.0.0.1:0
            metricsListen: 127.0.0.1:0
            tls: { selfManaged: {} }
            agent: { image: "agent:1" }
            broker: { caFile: "{{_directory.Write("ca.crt", TestCertificate.Create().CertificatePem)}}" }
            """);

        Assert.Equal(0, (await RunAsync("check", "--config", path)).Code);
        var (code, _, error) = await RunAsync("run", "--config", path);

        Assert.Equal(2, code);
        Assert.Contains("tls.selfManaged needs an API server", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Broken_YAML_is_a_bad_configuration_with_line_and_column()
    {
        var path = _directory.Write("webhook.yaml", "listen: [\n");

        var (code, _, error) = await RunAsync("check", "--config", path);

        Assert.Equal(2, code);
        Assert.StartsWith($"{path}:2:1: not valid YAML", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("check")]
    [InlineData("run", "--confg", "x")]
    [InlineData("walk")]
    public async Task A_command_line_that_cannot_be_meant_ends_with_2(params string[] arguments)
    {
        var (code, _, error) = await RunAsync(arguments);

        Assert.Equal(2, code);
        Assert.NotEqual("", error);
    }

    [Fact]
    public async Task Version_prints_the_version()
    {
        var (code, output, _) = await RunAsync("version");

        Assert.Equal(0, code);
        Assert.Matches(@"^\d+\.\d+\.\d+", output);
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await WebhookCommands.RunAsync(arguments, TimeProvider.System, output, error);
        return (code, output.ToString(), error.ToString());
    }

    private string Configuration(TestCertificate certificate, string? ca = null) => _directory.Write("webhook.yaml", $$"""
        listen: 127.0.0.1:0
        metricsListen: 127.0.0.1:0
        tls: { certFile: "{{_directory.Write("tls.crt", certificate.CertificatePem)}}", keyFile: "{{_directory.Write("tls.key", certificate.KeyPem)}}" }
        agent: { image: "agent:1" }
        broker: { caFile: "{{_directory.Write("ca.crt", ca ?? certificate.CertificatePem)}}" }
        """);
}
