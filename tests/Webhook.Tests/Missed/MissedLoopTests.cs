using System.Diagnostics.Metrics;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using SidecarAgent.Webhook.Kubernetes;
using SidecarAgent.Webhook.Missed;
using SidecarAgent.Webhook.Tests.Kit;

namespace SidecarAgent.Webhook.Tests.Missed;

public sealed class MissedLoopTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private readonly SaidLines _said = new();
    private readonly List<IDisposable> _started = [];
    private FakeApiServer _server = null!;

    public async Task InitializeAsync()
    {
        _server = await FakeApiServer.StartAsync(_time);
        _server.Put(Registrations.Path, Registrations.Of());
    }

    public async Task DisposeAsync()
    {
        _started.ForEach(started => started.Dispose());
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_missed_pod_gets_one_Event_and_no_more()
    {
        Add(RunningPods.Pod());
        var (loop, metrics) = await StartAsync();

        await loop.RoundAsync(CancellationToken.None);
        await loop.RoundAsync(CancellationToken.None);
        var (after, _) = await StartAsync();
        await after.RoundAsync(CancellationToken.None);

        var only = Assert.Single(Events());
        Assert.Equal(("uid-of-shop-web-0", "Warning", "SecretsNotInjected"),
            ((string)only["involvedObject"]!["uid"]!, (string)only["type"]!, (string)only["reason"]!));
        Assert.Equal(1, metrics.Found);
        Assert.Equal(2, _server.Writes.Count(write => write.EndsWith("/events", StringComparison.Ordinal)));
        Assert.NotNull(_server.Find(RunningPods.Path(RunningPods.Pod())));
    }

    [Fact]
    public async Task Only_the_holder_of_the_Lease_looks()
    {
        Add(RunningPods.Pod());
        _server.Put(ApiPaths.Lease(FakeApiServer.Namespace, Election.LeaseName), new LeaseRecord("other", null, null, 0, null).Write(null, "n", "n", LeaseRule.Duration));
        var (loop, metrics) = await StartAsync();

        await loop.RoundAsync(CancellationToken.None);

        Assert.Null(metrics.Found);
        Assert.DoesNotContain(_server.Requests, request => request.Contains("/pods", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Pods_come_in_pages_and_each_is_looked_at_once()
    {
        for (var i = 0; i < 600; i++)
        {
            var pod = RunningPods.Pod($"web-{i:000}");
            if (i % 100 != 0)
                pod["metadata"]!["annotations"]!.AsObject().Remove("sidecar-agent.io/inject");
            Add(pod);
        }

        Add(RunningPods.Pod("dns", "kube-system"));
        Add(The.Injected(RunningPods.Pod("good")));
        var (loop, metrics) = await StartAsync();
        await loop.RoundAsync(CancellationToken.None);
        await loop.RoundAsync(CancellationToken.None);

        Assert.Equal(6, metrics.Found);
        Assert.Equal(6, Events().Count);
        Assert.Equal(6, _server.Requests.Count(request => request.StartsWith("GET api/v1/namespaces/shop/pods/", StringComparison.Ordinal)));
        Assert.Equal(6, _server.Requests.Count(request => request == "GET api/v1/pods"));
    }

    [Fact]
    public async Task Many_at_once_are_reported_and_evicted_some_in_each_pass()
    {
        for (var i = 0; i < 60; i++)
            Add(RunningPods.Pod($"web-{i:00}"));
        var (loop, metrics) = await StartAsync(evict: true);

        await loop.RoundAsync(CancellationToken.None);
        Assert.Equal((MissedLoop.MaxReported, 60 - MissedLoop.MaxEvicted), (Events().Count, _server.Below("api/v1/namespaces/shop/pods").Count));
        for (var i = 0; i < 5; i++)
            await loop.RoundAsync(CancellationToken.None);
        await loop.RoundAsync(CancellationToken.None);

        Assert.Empty(_server.Below("api/v1/namespaces/shop/pods"));
        Assert.Equal(60, Events().Count);
        Assert.Equal(0, metrics.Found);
    }

    [Fact]
    public async Task A_pod_whose_disruption_budget_is_used_up_holds_up_no_other()
    {
        for (var i = 0; i < 30; i++)
            Add(RunningPods.Pod($"web-{i:00}"));
        _server.Fails = said => said.EndsWith("/eviction", StringComparison.Ordinal) && !said.Contains("web-29", StringComparison.Ordinal) ? 429 : null;
        var (loop, _) = await StartAsync(evict: true);

        for (var i = 0; i < 3; i++)
            await loop.RoundAsync(CancellationToken.None);

        Assert.Null(_server.Find("api/v1/namespaces/shop/pods/web-29"));
        Assert.Equal(29, _server.Below("api/v1/namespaces/shop/pods").Count);
    }

    [Fact]
    public async Task A_pod_that_took_the_name_of_the_missed_one_is_not_evicted()
    {
        var pod = RunningPods.Pod();
        Add(pod);
        _server.BeforeAsync = said =>
        {
            if (said.EndsWith("/eviction", StringComparison.Ordinal))
            {
                pod["metadata"]!["uid"] = "the-next";
                Add(pod);
            }

            return Task.CompletedTask;
        };
        var (loop, _) = await StartAsync(evict: true);

        await loop.RoundAsync(CancellationToken.None);

        Assert.NotNull(_server.Find(RunningPods.Path(pod)));
    }

    [Fact]
    public async Task A_namespace_that_takes_no_Events_holds_up_no_other()
    {
        Add(RunningPods.Pod("web", "ending"));
        Add(RunningPods.Pod("web", "shop"));
        _server.Fails = said => said.Contains("/ending/events", StringComparison.Ordinal) ? 403 : null;
        var (loop, _) = await StartAsync();

        await loop.RoundAsync(CancellationToken.None);

        Assert.Equal("shop", (string?)Assert.Single(Events())["metadata"]!["namespace"]);
        Assert.Contains(_said.Lines, line => line.Contains("ending/web", StringComparison.Ordinal) && line.Contains("no Event could be made", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_page_that_is_too_large_is_asked_for_in_smaller_ones()
    {
        for (var i = 0; i < 40; i++)
        {
            var pod = RunningPods.Pod($"web-{i:00}");
            pod["metadata"]!["annotations"]!["large"] = new string('x', 250_000);
            Add(pod);
        }

        var (loop, metrics) = await StartAsync();
        await loop.RoundAsync(CancellationToken.None);

        Assert.Equal(40, metrics.Found);
    }

    [Theory]
    [InlineData(410, true)]
    [InlineData(500, false)]
    public async Task A_list_that_breaks_off_is_begun_anew_in_the_next_pass(int status, bool isQuiet)
    {
        Add(RunningPods.Pod());
        var (loop, metrics) = await StartAsync();
        _server.Fails = said => said == "GET api/v1/pods" ? status : null;

        var problem = await Record.ExceptionAsync(() => loop.RoundAsync(CancellationToken.None));
        Assert.Equal(isQuiet, problem is null);
        _server.Fails = _ => null;
        await loop.RoundAsync(CancellationToken.None);

        Assert.Equal(1, metrics.Found);
    }

    [Fact]
    public async Task What_was_done_is_counted()
    {
        Add(RunningPods.Pod());
        var (loop, metrics) = await StartAsync(evict: true);
        var counted = new List<string>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter == metrics.Meter)
                self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => counted.Add($"{instrument.Name} {string.Join(',', tags.ToArray())} {value}"));
        listener.Start();

        await loop.RoundAsync(CancellationToken.None);
        listener.RecordObservableInstruments();

        Assert.Equal(
            ["sidecar_webhook_missed_pod_actions_total [action, reported] 1", "sidecar_webhook_missed_pod_actions_total [action, evicted] 1", "sidecar_webhook_missed_pods  1"],
            counted);
    }

    private void Add(JsonObject pod) => _server.Put(RunningPods.Path(pod), pod);

    private List<JsonObject> Events() => [.. _server.Below("api/v1/namespaces").Where(o => (string?)o["kind"] == "Event")];

    private async Task<(MissedLoop Loop, MissedMetrics Metrics)> StartAsync(bool evict = false)
    {
        var api = new ApiClient(_server.Access, _time);
        var election = new Election(api, FakeApiServer.Namespace, "me", _time, new SaidLines<Election>(_said));
        await election.RoundAsync(CancellationToken.None);
        var metrics = new MissedMetrics();
        var loop = new MissedLoop(
            api, election, new MissedPlace(FakeApiServer.Namespace, The.SelfManaged.Webhook), new MissedSettings(true, evict),
            () => The.Settings, metrics, _time, new SaidLines<MissedLoop>(_said));
        _started.AddRange([loop, election, api, metrics]);
        return (loop, metrics);
    }
}
