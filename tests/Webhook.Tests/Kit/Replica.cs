using SidecarAgent.Webhook.Certificates;
using SidecarAgent.Webhook.Kubernetes;
using SidecarAgent.Webhook.Tls;

namespace SidecarAgent.Webhook.Tests.Kit;

/// <summary>One replica's part that looks after certificates, a round at a time. Thrown away without a word, it has crashed.</summary>
internal sealed class Replica : IDisposable
{
    private readonly CertificateLoop _loop;

    public Replica(FakeApiServer server, string name, TimeProvider time, SaidLines said)
    {
        Api = new ApiClient(server.Access, time);
        Election = new Election(Api, FakeApiServer.Namespace, name, time, new SaidLines<Election>(said));
        _loop = new CertificateLoop(
            Api, Election, Certificate, The.SelfManaged, FakeApiServer.Namespace, time, new SaidLines<CertificateLoop>(said));
    }

    public ApiClient Api { get; }

    public Election Election { get; }

    public ServerCertificate Certificate { get; } = new();

    public async Task RoundAsync()
    {
        await Election.RoundAsync(CancellationToken.None);
        await _loop.RoundAsync(CancellationToken.None);
    }

    /// <summary>As its loop would: what the API server does not do is tried again.</summary>
    public async Task<ApiException?> TryRoundAsync()
    {
        try
        {
            await RoundAsync();
            return null;
        }
        catch (ApiException e)
        {
            return e;
        }
    }

    public void Dispose()
    {
        _loop.Dispose();
        Election.Dispose();
        Api.Dispose();
    }
}
