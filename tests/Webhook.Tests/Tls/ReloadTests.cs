using System.Net;
using SidecarAgent.Webhook.Tests.Kit;

namespace SidecarAgent.Webhook.Tests.Tls;

public sealed class ReloadTests : IAsyncLifetime
{
    private RunningWebhook _webhook = null!;

    public async Task InitializeAsync() => _webhook = await RunningWebhook.StartAsync();

    public async Task DisposeAsync() => await _webhook.DisposeAsync();

    [Fact]
    public async Task A_renewed_certificate_is_used_for_new_connections_and_open_ones_live_on()
    {
        await using var open = await _webhook.ConnectAsync();
        var renewed = TestCertificate.Create();
        await File.WriteAllTextAsync(_webhook.CertFile, renewed.CertificatePem);
        await File.WriteAllTextAsync(_webhook.KeyFile, renewed.KeyPem);

        await UntilAsync(async () => await ThumbprintAsync() == renewed.Thumbprint);

        await open.WriteAsync("GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"u8.ToArray());
        Assert.StartsWith("HTTP/1.1 200 OK", await new StreamReader(open).ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_without_its_key_changes_nothing_until_the_key_comes()
    {
        var before = await ThumbprintAsync();
        var renewed = TestCertificate.Create();
        await File.WriteAllTextAsync(_webhook.CertFile, renewed.CertificatePem);

        // Both files are looked at in turn, so that new authorities mean that the certificate was looked at before.
        var authority = TestCertificate.Create().CertificatePem;
        await File.WriteAllTextAsync(_webhook.CaFile, authority);
        await UntilAsync(async () => await SeesAuthorityAsync(authority));
        Assert.Equal(before, await ThumbprintAsync());

        await File.WriteAllTextAsync(_webhook.KeyFile, renewed.KeyPem);
        await UntilAsync(async () => await ThumbprintAsync() == renewed.Thumbprint);
    }

    [Fact]
    public async Task It_is_not_ready_with_a_certificate_that_has_ended()
    {
        using var before = await _webhook.GetAsync(_webhook.Metrics, "/readyz");
        Assert.Equal(HttpStatusCode.OK, before.StatusCode);

        _webhook.Time.Advance(TimeSpan.FromHours(2));

        using var after = await _webhook.GetAsync(_webhook.Reviews, "/readyz");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, after.StatusCode);
        Assert.StartsWith("not ready: the certificate", await after.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var alive = await _webhook.GetAsync(_webhook.Metrics, "/healthz");
        Assert.Equal(HttpStatusCode.OK, alive.StatusCode);
    }

    private async Task<string?> ThumbprintAsync()
    {
        using var response = await _webhook.GetAsync(_webhook.Reviews, "/healthz");
        return _webhook.SeenThumbprint;
    }

    private async Task<bool> SeesAuthorityAsync(string authority)
    {
        var response = await _webhook.ReviewAsync(Reviews.Of(The.Pod()));
        var patch = System.Text.Encoding.UTF8.GetString(Convert.FromBase64String((string)response["patch"]!));
        return patch.Contains(authority.Split('\n')[1].Replace("+", "\\u002B", StringComparison.Ordinal), StringComparison.Ordinal)
            || patch.Contains(authority.Split('\n')[1], StringComparison.Ordinal);
    }

    /// <summary>Lets the clock go on until the program has seen what changed.</summary>
    private async Task UntilAsync(Func<Task<bool>> isSo)
    {
        for (var i = 0; i < 200; i++)
        {
            if (await isSo())
                return;
            _webhook.Time.Advance(TimeSpan.FromSeconds(10));
        }

        Assert.Fail("it did not come to be");
    }
}
