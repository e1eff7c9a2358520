using System.Net;
using SidecarAgent.Webhook.Tests.Kit;

namespace SidecarAgent.Webhook.Tests;

public sealed class DepartureTests : IAsyncLifetime
{
    private RunningWebhook _webhook = null!;

    public async Task InitializeAsync() => _webhook = await RunningWebhook.StartAsync(drain: TimeSpan.FromSeconds(5));

    public async Task DisposeAsync() => await _webhook.DisposeAsync();

    [Fact]
    public async Task After_SIGTERM_it_is_not_ready_and_goes_on_answering_until_nobody_calls_any_more()
    {
        // What the host does at SIGTERM.
        var stopping = _webhook.App.StopAsync();

        using var ready = await _webhook.GetAsync(_webhook.Metrics, "/readyz");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Equal("not ready: it is stopping\n", await ready.Content.ReadAsStringAsync());
        Assert.True((bool)(await _webhook.ReviewAsync(Reviews.Of(The.Pod())))["allowed"]!);
        Assert.False(stopping.IsCompleted);

        _webhook.Time.Advance(TimeSpan.FromSeconds(5));
        await stopping;
        await Assert.ThrowsAsync<HttpRequestException>(() => _webhook.GetAsync(_webhook.Metrics, "/readyz"));
    }
}
