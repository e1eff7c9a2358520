using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;
using SidecarAgent.Broker.Configuration;
using SidecarAgent.Broker.Tls;
using SidecarAgent.Testing;

namespace SidecarAgent.Broker.Tests.Tls;

public sealed class AuthorityPublisherTests : IAsyncLifetime, IDisposable
{
    private readonly TempDirectory _files = TempDirectory.Create();
    private readonly FakeTimeProvider _clock = new(TimeProvider.System.GetUtcNow());
    private readonly FakeLogger<AuthorityPublisher> _log = new();
    private readonly CancellationTokenSource _ending = new();
    private ConfigMapServer _cluster = null!;
    private CertificateDirectory _certificates = null!;

    public async Task InitializeAsync()
    {
        _cluster = await ConfigMapServer.StartAsync();
        _certificates = new CertificateDirectory(
            new SelfManagedTls(["localhost"], _files.File("tls"), "sidecar-broker-ca"), _clock, NullLogger<CertificateDirectory>.Instance);
        _certificates.Renew();
    }

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    public void Dispose()
    {
        _ending.Dispose();
        _files.Dispose();
    }

    [Fact]
    public async Task The_CA_is_applied_to_the_ConfigMap_with_the_pods_token()
    {
        var running = Run(_cluster.Access);

        var (path, token, body) = await _cluster.Applied.ReadAsync();

        Assert.Equal("/api/v1/namespaces/sidecar-agent/configmaps/sidecar-broker-ca?fieldManager=sidecar-broker&force=true", path);
        Assert.Equal("Bearer the token", token);
        Assert.Equal("ConfigMap", (string)body["kind"]!);
        Assert.Equal(await File.ReadAllTextAsync(_certificates.AuthorityFile), (string)body["data"]!["ca.crt"]!);
        await EndAsync(running);
    }

    [Fact]
    public async Task A_refusal_is_said_once_and_tried_again_until_it_works()
    {
        _cluster.Status = HttpStatusCode.Forbidden;
        var running = Run(_cluster.Access);
        await _clock.AdvanceUntilAsync(() => _cluster.Applied.Count >= 2, TimeSpan.FromSeconds(5));
        _cluster.Status = HttpStatusCode.Created;
        await _clock.AdvanceUntilAsync(() => _log.Collector.LatestRecord.Message.StartsWith("The broker's CA is in", StringComparison.Ordinal), TimeSpan.FromSeconds(5));

        Assert.Equal(
            [
                "The broker's CA could not be put into ConfigMap sidecar-broker-ca, and is tried again: the API server answered 403: because??[31m",
                "The broker's CA is in ConfigMap sidecar-broker-ca, where the webhook takes it from.",
            ],
            _log.Collector.GetSnapshot().Select(record => record.Message));
        await EndAsync(running);
    }

    [Fact]
    public async Task Outside_of_a_cluster_it_says_so_and_the_broker_goes_on()
    {
        var running = Run(access: null);

        await _clock.AdvanceUntilAsync(() => _log.Collector.Count > 0);

        Assert.Contains("this process runs in no pod", _log.Collector.LatestRecord.Message, StringComparison.Ordinal);
        await EndAsync(running);
    }

    private Task Run(ClusterAccess? access) =>
        new AuthorityPublisher(_certificates, "sidecar-broker-ca", access, _clock, _log).RunAsync(_ending.Token);

    private async Task EndAsync(Task running)
    {
        await _ending.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }
}
