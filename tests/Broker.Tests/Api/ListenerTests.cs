using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Reflection.V1Alpha;
using Microsoft.Extensions.Time.Testing;

namespace SidecarAgent.Broker.Tests.Api;

public sealed class ListenerTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _clock = new(TimeProvider.System.GetUtcNow());
    private RunningBroker _broker = null!;

    public async Task InitializeAsync() => _broker = await RunningBroker.StartAsync(_clock);

    public async Task DisposeAsync() => await _broker.DisposeAsync();

    [Fact]
    public async Task TLS_1_3_is_spoken_and_1_2_is_refused()
    {
        Assert.Equal(SslProtocols.Tls13, (await HandshakeAsync(SslProtocols.None)).Protocol);
#pragma warning disable CA5397, CA5398 // That it is refused is the point.
        await Assert.ThrowsAnyAsync<Exception>(() => HandshakeAsync(SslProtocols.Tls12));
#pragma warning restore CA5397, CA5398
    }

    [Fact]
    public async Task A_changed_certificate_is_shown_to_new_connections_and_open_ones_stay()
    {
        await _broker.Admin.PutSecretAsync(Requests.Put("kv/shop/db", ("password", "one")));
        using var watch = _broker.Client().Watch(Requests.Watch("kv/shop/db"));
        await watch.NextUpdateAsync();

        _broker.Certificates.RenewServer();
        var wanted = _broker.Certificates.Server.GetSerialNumberString();
        for (var shown = ""; shown != wanted; shown = (await HandshakeAsync(SslProtocols.None)).Serial)
            _clock.Advance(TimeSpan.FromSeconds(10));

        await _broker.Admin.PutSecretAsync(Requests.Put("kv/shop/db", ("password", "two")));
        Assert.Equal("two", (await watch.NextUpdateAsync()).Issued.Text());
    }

    [Fact]
    public void The_admin_socket_belongs_to_its_owner_alone() =>
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_broker.File("admin.sock")));

    [Fact]
    public async Task A_socket_that_a_killed_broker_left_is_replaced()
    {
        await _broker.StopAsync();
        using (var left = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            File.Delete(_broker.File("admin.sock"));
            left.Bind(new UnixDomainSocketEndPoint(_broker.File("admin.sock")));
        }

        await _broker.StartServerAsync();

        await _broker.Admin.ListSecretsAsync(new V1.ListSecretsRequest());
    }

    [Fact]
    public async Task Another_file_in_the_sockets_place_is_refused_and_kept()
    {
        await _broker.StopAsync();
        File.Delete(_broker.File("admin.sock"));
        await File.WriteAllTextAsync(_broker.File("admin.sock"), "precious");

        var failure = await Assert.ThrowsAsync<CannotStartException>(_broker.StartServerAsync);

        Assert.Contains("Move it away", failure.Message, StringComparison.Ordinal);
        Assert.Equal("precious", await File.ReadAllTextAsync(_broker.File("admin.sock")));
        File.Delete(_broker.File("admin.sock"));
        await _broker.StartServerAsync();
    }

    [Fact]
    public async Task Metrics_and_health_are_served_on_their_own_port_only()
    {
        await _broker.Admin.PutSecretAsync(Requests.Put("kv/shop/db", ("password", "one")));
        await _broker.Client().FetchAsync(Requests.Fetch("kv/shop/db", "kv/denied"));
        using var http = _broker.Metrics;

        Assert.Equal("ok\n", await http.GetStringAsync("/healthz"));
        Assert.Contains("storage: ok", await http.GetStringAsync("/readyz"), StringComparison.Ordinal);
        var metrics = await http.GetStringAsync("/metrics");
        // At least: the meter is also heard by brokers of other tests in this process.
        Assert.Matches(@"sidecar_broker_requests_total\{[^}]*code=""OK""[^}]*\} [1-9]", metrics);
        Assert.Contains("sidecar_broker_request_seconds_bucket", metrics, StringComparison.Ordinal);
        Assert.Matches(@"sidecar_broker_denied_total\{[^}]*reason=""no_grant""[^}]*\} [1-9]", metrics);
        Assert.Contains("sidecar_broker_watchers", metrics, StringComparison.Ordinal);
        Assert.DoesNotContain("kv/shop", metrics, StringComparison.Ordinal);

        using var elsewhere = new HttpClient(new SocketsHttpHandler { SslOptions = _broker.SslOptions() });
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_broker.Server.Address, "/metrics"))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        Assert.Equal(HttpStatusCode.NotFound, (await elsewhere.SendAsync(request)).StatusCode);
    }

    [Fact]
    public async Task Standard_health_and_reflection_are_served()
    {
        var channel = _broker.TlsChannel();

        var health = await new Health.HealthClient(channel).CheckAsync(new HealthCheckRequest());
        using var reflection = new ServerReflection.ServerReflectionClient(channel).ServerReflectionInfo();
        await reflection.RequestStream.WriteAsync(new ServerReflectionRequest { ListServices = "" });
        Assert.True(await reflection.ResponseStream.MoveNext());

        Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, health.Status);
        Assert.Contains(
            "sidecaragent.v1.SecretBroker",
            reflection.ResponseStream.Current.ListServicesResponse.Service.Select(service => service.Name));
    }

    private async Task<(SslProtocols Protocol, string Serial)> HandshakeAsync(SslProtocols protocols)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, _broker.Server.Address.Port);
        await using var tls = new SslStream(client.GetStream());
        var options = _broker.SslOptions();
        options.EnabledSslProtocols = protocols;
        options.ApplicationProtocols = [SslApplicationProtocol.Http2];
        await tls.AuthenticateAsClientAsync(options);
        return (tls.SslProtocol, ((X509Certificate2)tls.RemoteCertificate!).GetSerialNumberString());
    }
}
