using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using SidecarAgent.Webhook.Injection;
using SidecarAgent.Webhook.Tests.Kit;

namespace SidecarAgent.Webhook.Tests.Admission;

/// <summary>The program as the API server meets it: over TLS, on real sockets.</summary>
public sealed class MutateTests : IAsyncLifetime
{
    private RunningWebhook _webhook = null!;

    public async Task InitializeAsync() => _webhook = await RunningWebhook.StartAsync();

    public async Task DisposeAsync() => await _webhook.DisposeAsync();

    [Fact]
    public async Task A_pod_that_asks_gets_a_patch_that_makes_it_a_valid_injected_pod()
    {
        var review = Reviews.Recorded("everything");

        var response = await _webhook.ReviewAsync(review);

        Assert.True((bool)response["allowed"]!);
        Assert.Equal("JSONPatch", (string)response["patchType"]!);
        var patch = JsonNode.Parse(Convert.FromBase64String((string)response["patch"]!))!.AsArray();
        var patched = PatchApplier.Apply(review["request"]!["object"], patch)!.AsObject();
        Assert.Empty(PodSchema.Problems(patched));
        var agent = patched["spec"]!["initContainers"]![0]!;
        Assert.Equal("sidecar-agent", (string)agent["name"]!);
        var configuration = JsonNode.Parse((string)agent["env"]![0]!["value"]!)!;
        Assert.Equal(File.ReadAllText(_webhook.CaFile).Trim(), ((string)configuration["broker"]!["caPem"]!).Trim());
    }

    [Fact]
    public async Task A_pod_that_does_not_ask_gets_no_patch()
    {
        var pod = The.Pod();
        pod["metadata"]!["annotations"]!.AsObject().Remove("sidecar-agent.io/inject");

        var response = await _webhook.ReviewAsync(Reviews.Of(pod));

        Assert.True((bool)response["allowed"]!);
        Assert.Null(response["patch"]);
    }

    [Fact]
    public async Task A_bad_annotation_is_a_denial_with_a_sentence_and_a_status()
    {
        var response = await _webhook.ReviewAsync(Reviews.Of(The.Pod(("log-level", "loud"))));

        Assert.False((bool)response["allowed"]!);
        Assert.Equal(422, (int)response["status"]!["code"]!);
        Assert.Equal("Invalid", (string)response["status"]!["reason"]!);
        Assert.Equal("annotation sidecar-agent.io/log-level: expected one of trace, debug, info, warn, error, got 'loud'",
            (string)response["status"]!["message"]!);
    }

    [Fact]
    public async Task What_the_trust_policy_does_not_allow_is_forbidden()
    {
        var response = await _webhook.ReviewAsync(Reviews.Of(The.Pod(("image", "evil:1"))));

        Assert.False((bool)response["allowed"]!);
        Assert.Equal(403, (int)response["status"]!["code"]!);
        using var metrics = await _webhook.GetAsync(_webhook.Metrics, "/metrics");
        Assert.Contains("sidecar_webhook_admissions_total{decision=\"reject\",reason=\"not-trusted\"}", await metrics.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Warnings_reach_who_creates_the_pod()
    {
        var response = await _webhook.ReviewAsync(Reviews.Of(The.Pod(("mode-key", "0444"))));

        Assert.Contains("mode 0444", (string)Assert.Single(response["warnings"]!.AsArray())!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Secrets_in_the_open_are_warned_about_and_counted_and_never_shown()
    {
        var response = await _webhook.ReviewAsync(Reviews.Recorded("everything"));

        Assert.Equal(3, response["warnings"]!.AsArray().Count);
        Assert.DoesNotContain("hunter2", response["warnings"]!.ToJsonString(), StringComparison.Ordinal);
        using var metrics = await _webhook.GetAsync(_webhook.Metrics, "/metrics");
        Assert.Contains("sidecar_webhook_plaintext_findings_total{kind=\"reference\"}", await metrics.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dry_run_is_answered_like_any_other()
    {
        var response = await _webhook.ReviewAsync(Reviews.Recorded("dry-run"));

        Assert.NotNull(response["patch"]);
    }

    [Theory]
    [InlineData("UPDATE")]
    [InlineData("DELETE")]
    [InlineData("CONNECT")]
    public async Task Only_creations_are_of_interest(string operation)
    {
        var review = Reviews.Of(The.Pod(("log-level", "loud")), operation: operation);
        if (operation == "DELETE")
            review["request"]!["object"] = null;

        var response = await _webhook.ReviewAsync(review);

        Assert.True((bool)response["allowed"]!);
        Assert.Null(response["patch"]);
    }

    [Theory]
    [InlineData("resource", """{"group":"apps","version":"v1","resource":"deployments"}""")]
    [InlineData("resource", """{"group":"metrics.k8s.io","version":"v1","resource":"pods"}""")]
    [InlineData("resource", "null")]
    [InlineData("subResource", "\"ephemeralcontainers\"")]
    [InlineData("subResource", "\"binding\"")]
    public async Task Only_pods_are_of_interest(string member, string value)
    {
        var review = Reviews.Of(The.Pod(("log-level", "loud")));
        review["request"]![member] = JsonNode.Parse(value);

        var response = await _webhook.ReviewAsync(review);

        Assert.True((bool)response["allowed"]!);
        Assert.Null(response["patch"]);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("\"pod\"")]
    public async Task A_creation_without_a_pod_is_a_denial(string value)
    {
        var review = Reviews.Of(The.Pod());
        review["request"]!["object"] = JsonNode.Parse(value);

        var response = await _webhook.ReviewAsync(review);

        Assert.False((bool)response["allowed"]!);
        Assert.Equal("the request is to create a pod, and carries none", (string)response["status"]!["message"]!);
    }

    [Fact]
    public async Task A_pod_with_500_containers_is_injected()
    {
        var pod = The.Pod();
        pod["spec"]!["containers"] = new JsonArray([.. Enumerable.Range(0, 500).Select(i => new JsonObject { ["name"] = $"c{i}", ["image"] = "a:1" })]);

        var response = await _webhook.ReviewAsync(Reviews.Of(pod));

        Assert.NotNull(response["patch"]);
    }

    [Fact]
    public async Task Decisions_are_counted_by_reason_and_timed_and_only_where_metrics_are_served()
    {
        await _webhook.ReviewAsync(Reviews.Of(The.Pod()));

        using var response = await _webhook.GetAsync(_webhook.Metrics, "/metrics");
        var text = await response.Content.ReadAsStringAsync();
        Assert.Contains("sidecar_webhook_admissions_total{decision=\"inject\",reason=\"requested\"}", text, StringComparison.Ordinal);
        Assert.Contains("sidecar_webhook_admission_seconds_bucket{le=\"0.0005\"}", text, StringComparison.Ordinal);
        Assert.Contains("sidecar_webhook_certificate_expiry_timestamp_seconds", text, StringComparison.Ordinal);
        using var elsewhere = await _webhook.GetAsync(_webhook.Reviews, "/metrics");
        Assert.Equal(HttpStatusCode.NotFound, elsewhere.StatusCode);
        using var review = await _webhook.SendAsync(new HttpRequestMessage(HttpMethod.Post, new Uri(_webhook.Metrics, "/mutate")));
        Assert.Equal(HttpStatusCode.NotFound, review.StatusCode);
    }

    [Fact]
    public async Task A_mistake_of_the_webhook_is_a_denial_that_carries_the_UID()
    {
        // Settings that no configuration can make: the decision fails on them.
        await using var broken = await RunningWebhook.StartAsync(new InjectionSettings(The.Settings.Agent, The.Settings.Broker, null!));

        var response = await broken.ReviewAsync(Reviews.Of(The.Pod()));

        Assert.False((bool)response["allowed"]!);
        Assert.Equal(500, (int)response["status"]!["code"]!);
        Assert.Contains("f5b8b6a2-1111-4222-8333-944445555666", (string)response["status"]!["message"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Clients_that_send_half_a_request_do_not_hold_up_others()
    {
        var stuck = new List<Stream>();
        for (var i = 0; i < 20; i++)
        {
            var stream = await _webhook.ConnectAsync();
            await stream.WriteAsync(Encoding.ASCII.GetBytes(Head(contentLength: 100_000) + "{\"kind\":"));
            stuck.Add(stream);
        }

        var response = await _webhook.ReviewAsync(Reviews.Of(The.Pod()));

        Assert.NotNull(response["patch"]);
        foreach (var stream in stuck)
            await stream.DisposeAsync();
    }

    [Fact]
    public async Task A_request_that_is_under_way_is_answered_when_the_program_is_told_to_stop()
    {
        var body = Encoding.UTF8.GetBytes(Reviews.Of(The.Pod()).ToJsonString());
        await using var stream = await _webhook.ConnectAsync();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(Head(body.Length)));
        await stream.WriteAsync(body.AsMemory(0, 10));
        await stream.FlushAsync();
        // The 100-continue answer means that the endpoint is reading the body.
        var buffer = new byte[25];
        await stream.ReadExactlyAsync(buffer);

        var stopping = _webhook.App.StopAsync();
        await stream.WriteAsync(body.AsMemory(10));
        var answer = await new StreamReader(stream).ReadToEndAsync();
        await stopping;

        Assert.StartsWith("HTTP/1.1 100 Continue", Encoding.ASCII.GetString(buffer), StringComparison.Ordinal);
        Assert.Contains("HTTP/1.1 200 OK", answer, StringComparison.Ordinal);
        Assert.Contains("\"allowed\":true", answer, StringComparison.Ordinal);
    }

    private static string Head(int contentLength) =>
        "POST /mutate HTTP/1.1\r\nHost: webhook\r\nContent-Type: application/json\r\nExpect: 100-continue\r\n"
        + $"Content-Length: {contentLength}\r\n\r\n";
}
