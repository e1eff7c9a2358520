using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Time.Testing;
using SidecarAgent.Ctl.Tests.FakeBroker;
using SidecarAgent.Testing;

namespace SidecarAgent.Ctl.Tests.Development;

public sealed class DevCertificateCommandTests : IDisposable
{
    private readonly TempDirectory _directory = TempDirectory.Create();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_server_with_the_certificate_is_trusted_by_whoever_trusts_the_ca()
    {
        (await RunAsync("--host", "127.0.0.1", "--host", "localhost")).MustSucceed();
        using var pem = X509Certificate2.CreateFromPemFile(_directory.File("tls.crt"), _directory.File("tls.key"));
        using var certificate = X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
        await using var host = await BrokerHost.OnTlsAsync(certificate);
        var token = _directory.Write("token", "a.b.c");

        foreach (var address in (string[])[host.Address, host.Address.Replace("127.0.0.1", "localhost", StringComparison.Ordinal)])
        {
            var run = await Operator.RunAsync(
                Operator.Bare(), "secret", "list", "--broker", address, "--ca-file", _directory.File("ca.crt"), "--token-file", token);
            run.MustSucceed();
        }
    }

    [Fact]
    public async Task A_host_that_the_certificate_does_not_name_is_refused()
    {
        (await RunAsync("--host", "broker.example")).MustSucceed();
        using var pem = X509Certificate2.CreateFromPemFile(_directory.File("tls.crt"), _directory.File("tls.key"));
        using var certificate = X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
        await using var host = await BrokerHost.OnTlsAsync(certificate);

        var run = await Operator.RunAsync(
            Operator.Bare(), "secret", "list", "--broker", host.Address, "--ca-file", _directory.File("ca.crt"),
            "--token-file", _directory.Write("token", "a.b.c"));

        run.MustFail(4, "the certificate names the host");
    }

    [Fact]
    public async Task Keys_are_their_owners_and_certificates_everybodys()
    {
        (await RunAsync("--host", "broker.example")).MustSucceed();

        const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        Assert.Equal(Private, File.GetUnixFileMode(_directory.File("ca.key")));
        Assert.Equal(Private, File.GetUnixFileMode(_directory.File("tls.key")));
        Assert.NotEqual(Private, File.GetUnixFileMode(_directory.File("ca.crt")));
        Assert.Equal(
            ["ca.crt", "ca.key", "tls.crt", "tls.key"], Directory.GetFiles(_directory.FullName).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task The_leaf_is_for_servers_and_lies_within_its_authority()
    {
        (await RunAsync("--host", "broker.example", "--host", "*.broker.example", "--host", "::1")).MustSucceed();

        using var ca = X509CertificateLoader.LoadCertificateFromFile(_directory.File("ca.crt"));
        using var leaf = X509CertificateLoader.LoadCertificateFromFile(_directory.File("tls.crt"));
        var names = leaf.Extensions.OfType<X509SubjectAlternativeNameExtension>().Single();
        Assert.Equal(["broker.example", "*.broker.example"], names.EnumerateDnsNames());
        Assert.Equal(["::1"], names.EnumerateIPAddresses().Select(a => a.ToString()));
        Assert.Equal("1.2.840.10045.3.1.7", leaf.GetECDsaPublicKey()!.ExportParameters(false).Curve.Oid.Value);
        Assert.Equal("1.3.6.1.5.5.7.3.1", leaf.Extensions.OfType<X509EnhancedKeyUsageExtension>().Single().EnhancedKeyUsages[0].Value);
        Assert.False(leaf.Extensions.OfType<X509BasicConstraintsExtension>().Single().CertificateAuthority);
        Assert.True(leaf.NotBefore >= ca.NotBefore && leaf.NotAfter <= ca.NotAfter);
        using var chain = new X509Chain { ChainPolicy = { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck } };
        chain.ChainPolicy.CustomTrustStore.Add(ca);
        Assert.True(chain.Build(leaf));
    }

    [Fact]
    public async Task A_second_run_keeps_the_ca_and_makes_a_new_leaf()
    {
        (await RunAsync("--host", "one.example")).MustSucceed();
        var before = Contents("ca.crt", "ca.key", "tls.crt", "tls.key");

        (await RunAsync("--host", "two.example")).MustSucceed();

        var after = Contents("ca.crt", "ca.key", "tls.crt", "tls.key");
        Assert.Equal(before[..2], after[..2]);
        Assert.NotEqual(before[2], after[2]);
        Assert.NotEqual(before[3], after[3]);
    }

    [Fact]
    public async Task A_run_that_died_before_it_wrote_the_ca_is_repaired_by_the_next()
    {
        (await RunAsync("--host", "one.example")).MustSucceed();
        var key = Contents("ca.key");
        File.Delete(_directory.File("ca.crt"));

        (await RunAsync("--host", "one.example")).MustSucceed();

        Assert.Equal(key, Contents("ca.key"));
    }

    [Fact]
    public async Task A_ca_without_its_key_is_left_alone()
    {
        (await RunAsync("--host", "one.example")).MustSucceed();
        File.Delete(_directory.File("ca.key"));
        var before = Contents("ca.crt", "tls.crt");

        (await RunAsync("--host", "two.example")).MustFail(1, "is there without its key", "choose another --out");

        Assert.Equal(before, Contents("ca.crt", "tls.crt"));
        Assert.False(File.Exists(_directory.File("ca.key")));
    }

    [Fact]
    public async Task A_ca_of_another_key_is_refused()
    {
        (await RunAsync("--host", "one.example")).MustSucceed();
        var ca = Contents("ca.crt")[0];
        File.Delete(_directory.File("ca.crt"));
        File.Delete(_directory.File("ca.key"));
        (await RunAsync("--host", "one.example")).MustSucceed();
        await File.WriteAllTextAsync(_directory.File("ca.crt"), ca);

        (await RunAsync("--host", "two.example")).MustFail(1, "is not the certificate of the key beside it");
    }

    [Fact]
    public async Task A_ca_that_has_expired_is_refused()
    {
        (await RunAsync("--host", "one.example")).MustSucceed();
        var later = new FakeTimeProvider(TimeProvider.System.GetUtcNow() + TimeSpan.FromDays(3651));

        var run = await Operator.RunAsync(
            Operator.Bare() with { Time = later }, "dev", "certificate", "--out", _directory.FullName, "--host", "one.example");

        run.MustFail(1, "has expired");
    }

    private string[] Contents(params string[] names) => [.. names.Select(name => File.ReadAllText(_directory.File(name)))];

    private Task<Run> RunAsync(params string[] arguments) =>
        Operator.RunAsync(Operator.Bare(), ["dev", "certificate", "--out", _directory.FullName, .. arguments]);
}
