using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using SidecarAgent.Webhook.Certificates;
using SidecarAgent.Webhook.Kubernetes;
using SidecarAgent.Webhook.Telemetry;
using SidecarAgent.Webhook.Tests.Kit;

namespace SidecarAgent.Webhook.Tests.Certificates;

/// <summary>The whole program with its loops.</summary>
public sealed class SelfManagedWebhookTests : IAsyncLifetime
{
    private static readonly string SecretPath = ApiPaths.Secret(FakeApiServer.Namespace, The.SelfManaged.Secret);

    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private FakeApiServer _server = null!;

    public async Task InitializeAsync()
    {
        _server = await FakeApiServer.StartAsync(_time);
        _server.Put(Registrations.Path, Registrations.Of());
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task It_becomes_ready_and_the_API_server_can_call_it()
    {
        await using var webhook = await RunningWebhook.StartAsync(_server.Access, _time);
        await UntilReadyAsync(webhook);

        var handler = new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                CertificateChainPolicy = new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    RevocationMode = X509RevocationMode.NoCheck,
                },
            },
        };
        handler.SslOptions.CertificateChainPolicy.CustomTrustStore.AddRange(
            WebhookRegistration.Read(_server.Find(Registrations.Path)).Entries[0].Trusted.ToArray());
        using var client = new HttpClient(handler);
        client.DefaultRequestHeaders.Host = Registrations.DnsName;
        Assert.Equal("ready\n", await client.GetStringAsync(new Uri(webhook.Reviews, "/readyz")));

        var end = CertificateSecret.Read(_server.Find(SecretPath)).Leaf!.NotAfter.ToUnixTimeSeconds();
        Assert.Equal([end], Ends(webhook));
    }

    [Fact]
    public async Task A_renewal_leaves_open_connections_alone()
    {
        await using var webhook = await RunningWebhook.StartAsync(_server.Access, _time);
        await UntilReadyAsync(webhook);
        await using var open = await webhook.ConnectAsync();
        var before = webhook.SeenThumbprint;

        // A leaf for another service has to be renewed at once.
        var secret = CertificateSecret.Read(_server.Find(SecretPath));
        var aged = Issuer.Leaf(secret.Authority!, ["sidecar-webhook.elsewhere.svc"], _time.GetUtcNow());
        _server.Put(SecretPath, (secret with { Leaf = aged }).Write(_server.Find(SecretPath), FakeApiServer.Namespace, The.SelfManaged.Secret));
        await UntilAsync(async () =>
        {
            using var response = await webhook.GetAsync(webhook.Reviews, "/healthz");
            return webhook.SeenThumbprint != before && webhook.SeenThumbprint != aged.Certificate.Thumbprint;
        });

        await open.WriteAsync("GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"u8.ToArray());
        Assert.StartsWith("HTTP/1.1 200 OK", await new StreamReader(open).ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Started_while_the_API_server_is_away_it_says_so_and_becomes_ready_when_it_is_back()
    {
        await _server.StopAsync();
        await using var webhook = await RunningWebhook.StartAsync(_server.Access, _time);
        Assert.Empty(Ends(webhook));

        await UntilAsync(async () =>
            (await ReadinessAsync(webhook)).StartsWith("not ready: there is no certificate yet: the API server cannot be reached at 127.0.0.1:", StringComparison.Ordinal));
        await Assert.ThrowsAnyAsync<Exception>(() => webhook.ConnectAsync());

        await _server.StartAgainAsync();
        await UntilReadyAsync(webhook);
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(500)]
    public async Task What_the_API_server_refuses_is_said_where_the_kubelet_asks(int status)
    {
        _server.Fails = said => said.StartsWith("GET", StringComparison.Ordinal) && said.EndsWith("/secrets/sidecar-webhook-tls", StringComparison.Ordinal) ? status : null;
        await using var webhook = await RunningWebhook.StartAsync(_server.Access, _time);

        await UntilAsync(async () => (await ReadinessAsync(webhook)).Contains($"with {status} ", StringComparison.Ordinal));
    }

    /// <summary>As deploy/base/webhook/state.yaml has them.</summary>
    [Fact]
    public async Task With_a_Secret_and_a_Lease_that_were_shipped_empty_it_creates_nothing()
    {
        _server.Put(SecretPath, Empty("v1", "Secret", The.SelfManaged.Secret));
        _server.Put(ApiPaths.Lease(FakeApiServer.Namespace, Election.LeaseName), Empty("coordination.k8s.io/v1", "Lease", Election.LeaseName));

        await using var webhook = await RunningWebhook.StartAsync(_server.Access, _time);
        await UntilReadyAsync(webhook);

        Assert.DoesNotContain(_server.Writes, write => write.StartsWith("POST", StringComparison.Ordinal));
        Assert.Equal("sidecar-agent", (string?)_server.Find(SecretPath)!["metadata"]!["labels"]!["app.kubernetes.io/part-of"]);
    }

    [Fact]
    public async Task A_Secret_that_is_gone_and_may_not_be_created_is_said_with_what_to_do()
    {
        _server.Fails = said => said.StartsWith("POST", StringComparison.Ordinal) && said.EndsWith("/secrets", StringComparison.Ordinal) ? 403 : null;
        await using var webhook = await RunningWebhook.StartAsync(_server.Access, _time);

        await UntilAsync(async () => (await ReadinessAsync(webhook)).Contains(
            "there is no Secret 'sidecar-webhook-tls' in namespace 'sidecar-agent', and the webhook may not create one; apply the manifests again (kubectl apply -k deploy/base)",
            StringComparison.Ordinal));

        // As applying them does.
        _server.Put(SecretPath, Empty("v1", "Secret", The.SelfManaged.Secret));
        await UntilReadyAsync(webhook);
    }

    /// <summary>What manifests say about it, applied again, is metadata alone: what the webhook wrote stays.</summary>
    [Fact]
    public async Task A_Secret_whose_data_somebody_emptied_is_filled_again()
    {
        await using var webhook = await RunningWebhook.StartAsync(_server.Access, _time);
        await UntilReadyAsync(webhook);
        var before = webhook.SeenThumbprint;

        var emptied = _server.Find(SecretPath)!;
        emptied.Remove("data");
        _server.Put(SecretPath, emptied);

        await UntilAsync(async () =>
        {
            using var response = await webhook.GetAsync(webhook.Reviews, "/healthz");
            return webhook.SeenThumbprint != before && CertificateSecret.Read(_server.Find(SecretPath)).Leaf is not null;
        });
    }

    [Fact]
    public async Task It_gives_the_Lease_back_when_it_is_stopped()
    {
        await using (var webhook = await RunningWebhook.StartAsync(_server.Access, _time))
        {
            await UntilReadyAsync(webhook);
            await webhook.App.StopAsync();
        }

        Assert.Equal("", (string?)_server.Find(ApiPaths.Lease(FakeApiServer.Namespace, Election.LeaseName))!["spec"]!["holderIdentity"]);
    }

    /// <summary>What this webhook measures as the end of its certificate; others in this process have meters of their own.</summary>
    private static List<long> Ends(RunningWebhook webhook)
    {
        var ends = new List<long>();
        var own = webhook.App.Services.GetRequiredService<WebhookMetrics>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Scope == own && instrument.Name == "sidecar_webhook_certificate_expiry_timestamp_seconds")
                self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, value, _, _) => ends.Add(value));
        listener.Start();
        listener.RecordObservableInstruments();
        return ends;
    }

    private static JsonObject Empty(string apiVersion, string kind, string name) => new()
    {
        ["apiVersion"] = apiVersion,
        ["kind"] = kind,
        ["metadata"] = new JsonObject
        {
            ["namespace"] = FakeApiServer.Namespace,
            ["name"] = name,
            ["labels"] = new JsonObject { ["app.kubernetes.io/part-of"] = "sidecar-agent" },
        },
    };

    private Task UntilReadyAsync(RunningWebhook webhook) => UntilAsync(async () => await ReadinessAsync(webhook) == "ready\n");

    private static async Task<string> ReadinessAsync(RunningWebhook webhook)
    {
        using var response = await webhook.GetAsync(webhook.Metrics, "/readyz");
        var text = await response.Content.ReadAsStringAsync();
        Assert.Equal(text == "ready\n" ? HttpStatusCode.OK : HttpStatusCode.ServiceUnavailable, response.StatusCode);
        return text;
    }

    /// <summary>Lets the clock go on until it is so. Each look is a round trip, in which the program goes on too.</summary>
    private async Task UntilAsync(Func<Task<bool>> isSo)
    {
        for (var i = 0; i < 2000; i++)
        {
            if (await isSo())
                return;
            _time.Advance(TimeSpan.FromMilliseconds(500));
        }

        Assert.Fail("it did not come to be");
    }
}
