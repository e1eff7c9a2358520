using SidecarAgent.Testing;

namespace SidecarAgent.EndToEnd.Tests.Images;

/// <summary>The webhook in a real container: nothing is there but what the image holds.</summary>
public class WebhookImageTests(WebhookImage image) : IClassFixture<WebhookImage>
{
    /// <summary>Of layers on disk, in bytes: the program and what it loads, and nothing else.</summary>
    private const long Largest = 28_000_000;

    [Fact]
    public async Task The_image_names_its_user_is_small_and_its_program_runs()
    {
        Assert.Equal($"{ContainerImage.User}:{ContainerImage.User}", await image.InspectAsync("{{.Config.User}}"));
        Assert.Equal("[/sidecar-webhook]", await image.InspectAsync("{{.Config.Entrypoint}}"));
        Assert.InRange(long.Parse(await image.InspectAsync("{{.Size}}"), System.Globalization.CultureInfo.InvariantCulture), 1, Largest);

        var version = await image.RunAsync([], "version");

        Assert.True(version.ExitCode == 0, version.Output);
        Assert.Matches(@"^\d+\.\d+\.\d+", version.Output);
    }

    [Fact]
    public async Task An_ordinary_user_reads_configuration_and_certificate_on_a_read_only_root()
    {
        using var files = TempDirectory.Create();
        using var certificates = new TestCertificates(files.FullName);
        files.Write("webhook.yaml", """
            listen: 127.0.0.1:0
            metricsListen: 127.0.0.1:0
            tls: { certFile: /etc/sidecar-webhook/tls.crt, keyFile: /etc/sidecar-webhook/tls.key }
            agent: { image: 'sidecar-agent:local' }
            broker: { caFile: /etc/sidecar-webhook/ca.crt }
            """);
        File.SetUnixFileMode(files.FullName, (UnixFileMode)0b_111_101_101);
        foreach (var file in Directory.GetFiles(files.FullName))
            File.SetUnixFileMode(file, (UnixFileMode)0b_110_100_100);

        var check = await image.RunAsync(
            [$"{files.FullName}:/etc/sidecar-webhook:ro"], "check", "--config", "/etc/sidecar-webhook/webhook.yaml");

        Assert.True(check.ExitCode == 0, check.Output);
        Assert.StartsWith("the configuration is good", check.Output, StringComparison.Ordinal);
    }
}
