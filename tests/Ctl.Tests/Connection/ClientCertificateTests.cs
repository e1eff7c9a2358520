using SidecarAgent.Ctl.Tests.FakeBroker;
using SidecarAgent.Testing;

namespace SidecarAgent.Ctl.Tests.Connection;

public sealed class ClientCertificateTests : IDisposable
{
    private readonly TempDirectory _directory = TempDirectory.Create();
    private readonly TestCertificates _certificates;

    public ClientCertificateTests() => _certificates = new TestCertificates(_directory.FullName);

    public void Dispose()
    {
        _certificates.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task With_a_certificate_no_token_is_needed_and_none_is_sent()
    {
        await using var host = await BrokerHost.OnTlsAsync(_certificates.Server);

        (await RunAsync(host, "--client-cert", _certificates.CertFile, "--client-key", _certificates.KeyFile)).MustSucceed();

        Assert.Null(host.Broker.Authorization);
    }

    [Fact]
    public async Task A_certificate_and_its_key_go_together()
    {
        await using var host = await BrokerHost.OnTlsAsync(_certificates.Server);

        (await RunAsync(host, "--client-cert", _certificates.CertFile)).MustFail(2, "give both --client-cert and --client-key");
        (await RunAsync(host)).MustFail(2, "--token-file FILE", "--client-cert and --client-key");
    }

    [Fact]
    public async Task A_key_that_is_not_the_certificate_s_is_said()
    {
        await using var host = await BrokerHost.OnTlsAsync(_certificates.Server);
        var key = await File.ReadAllTextAsync(_certificates.KeyFile);
        _certificates.RenewServer();
        var old = _directory.Write("old.key", key);

        (await RunAsync(host, "--client-cert", _certificates.CertFile, "--client-key", old)).MustFail(1, "cannot be read");
    }

    private Task<Run> RunAsync(BrokerHost host, params string[] more) => Operator.RunAsync(
        Operator.Bare(), ["--broker", host.Address.Replace("127.0.0.1", "localhost", StringComparison.Ordinal), "--ca-file", _certificates.CaFile, "secret", "list", .. more]);
}
