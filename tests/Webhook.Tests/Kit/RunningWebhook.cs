using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Time.Testing;
using SidecarAgent.Webhook.Configuration;
using SidecarAgent.Webhook.Injection;
using SidecarAgent.Webhook.Kubernetes;

namespace SidecarAgent.Webhook.Tests.Kit;

/// <summary>The whole program on real sockets, with a clock that stands still until it is told otherwise.</summary>
internal sealed class RunningWebhook : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory;
    private readonly HttpClient _client;

    private RunningWebhook(TemporaryDirectory directory, WebApplication app, FakeTimeProvider time)
    {
        _directory = directory;
        App = app;
        Time = time;
        Reviews = new Uri(app.Urls.Single(url => url.StartsWith("https://", StringComparison.Ordinal)));
        Metrics = new Uri(app.Urls.Single(url => url.StartsWith("http://", StringComparison.Ordinal)));
        _client = new HttpClient(new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, certificate, _, _) => Seen(certificate?.GetCertHashString()) },
            // Each request shakes hands anew, so that it sees the certificate in use.
            PooledConnectionLifetime = TimeSpan.Zero,
        });
    }

    public WebApplication App { get; }

    public FakeTimeProvider Time { get; }

    /// <summary>Where the API server would call.</summary>
    public Uri Reviews { get; }

    public Uri Metrics { get; }

    /// <summary>Thumbprint of the certificate that the last new connection was answered with.</summary>
    public string? SeenThumbprint { get; private set; }

    public string CertFile => _directory.PathTo("tls.crt");

    public string KeyFile => _directory.PathTo("tls.key");

    public string CaFile => _directory.PathTo("ca.crt");

    public static async Task<RunningWebhook> StartAsync(InjectionSettings? settings = null, TimeSpan drain = default)
    {
        var directory = new TemporaryDirectory();
        var certificate = TestCertificate.Create();
        directory.Write("tls.crt", certificate.CertificatePem);
        directory.Write("tls.key", certificate.KeyPem);
        directory.Write("ca.crt", certificate.CertificatePem);
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var options = Options(directory, settings) with
        {
            CertificateFiles = new CertificateFiles(directory.PathTo("tls.crt"), directory.PathTo("tls.key")),
            Drain = drain,
        };
        var app = WebhookServer.Build(options, time);
        await app.StartAsync();
        return new RunningWebhook(directory, app, time);
    }

    /// <summary>One that makes its own certificate with the help of an API server.</summary>
    public static async Task<RunningWebhook> StartAsync(ClusterAccess cluster, FakeTimeProvider time)
    {
        var directory = new TemporaryDirectory();
        directory.Write("ca.crt", TestCertificate.Create().CertificatePem);
        var options = Options(directory, settings: null) with { SelfManaged = The.SelfManaged };
        var app = WebhookServer.Build(options, time, cluster);
        await app.StartAsync();
        return new RunningWebhook(directory, app, time);
    }

    public Task<HttpResponseMessage> PostAsync(string body, string contentType = "application/json") =>
        PostAsync(Encoding.UTF8.GetBytes(body), contentType);

    public Task<HttpResponseMessage> PostAsync(byte[] body, string? contentType = "application/json")
    {
        var content = new ByteArrayContent(body);
        if (contentType is not null)
            content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        return SendAsync(new HttpRequestMessage(HttpMethod.Post, new Uri(Reviews, "/mutate?timeout=5s")) { Content = content });
    }

    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request) => _client.SendAsync(request);

    public Task<HttpResponseMessage> GetAsync(Uri at, string path) => _client.GetAsync(new Uri(at, path));

    /// <summary>The <c>response</c> of a review; the test fails if the answer is not 200 with the request's UID.</summary>
    public async Task<JsonNode> ReviewAsync(JsonNode review)
    {
        using var response = await PostAsync(review.ToJsonString());
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        var answer = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        Assert.Equal("admission.k8s.io/v1", (string)answer["apiVersion"]!);
        Assert.Equal("AdmissionReview", (string)answer["kind"]!);
        Assert.Equal((string)review["request"]!["uid"]!, (string)answer["response"]!["uid"]!);
        return answer["response"]!;
    }

    /// <summary>A connection on which a test writes what it likes.</summary>
    /// <param name="protocols">What it offers to speak; empty: it does not say.</param>
    public async Task<SslStream> ConnectAsync(params SslApplicationProtocol[] protocols)
    {
        var socket = new TcpClient();
        await socket.ConnectAsync(Reviews.Host, Reviews.Port);
        var stream = new SslStream(socket.GetStream(), leaveInnerStreamOpen: false, (_, certificate, _, _) => Seen(certificate?.GetCertHashString()));
        await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "127.0.0.1",
            ApplicationProtocols = [.. protocols],
        });
        return stream;
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await App.DisposeAsync();
        _directory.Dispose();
    }

    private static WebhookOptions Options(TemporaryDirectory directory, InjectionSettings? settings) => new()
    {
        Listen = new IPEndPoint(IPAddress.Loopback, 0),
        MetricsListen = new IPEndPoint(IPAddress.Loopback, 0),
        BrokerCaFile = directory.PathTo("ca.crt"),
        Injection = settings ?? The.Settings,
    };

    private bool Seen(string? thumbprint)
    {
        SeenThumbprint = thumbprint;
        return true;
    }
}
