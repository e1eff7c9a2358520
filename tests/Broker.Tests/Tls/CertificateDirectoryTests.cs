using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using SidecarAgent.Broker.Configuration;
using SidecarAgent.Broker.Tls;
using SidecarAgent.Testing;

namespace SidecarAgent.Broker.Tests.Tls;

public sealed class CertificateDirectoryTests : IDisposable
{
    private readonly TempDirectory _directory = TempDirectory.Create();
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void The_first_start_makes_a_CA_and_a_certificate_for_the_hosts()
    {
        Renew("sidecar-broker.sidecar-agent.svc", "127.0.0.1");

        using var certificate = Certificate();
        Assert.Equal(
            ["sidecar-broker.sidecar-agent.svc", "127.0.0.1"],
            certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>()
                .SelectMany(names => names.EnumerateDnsNames().Concat(names.EnumerateIPAddresses().Select(address => address.ToString()))));
        Assert.True(IsVouchedFor(certificate));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_directory.File("tls/ca.pem")));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_directory.File("tls/tls.pem")));
        Assert.DoesNotContain("PRIVATE", File.ReadAllText(_directory.File("tls/ca.crt")), StringComparison.Ordinal);
    }

    [Fact]
    public void Another_start_changes_nothing()
    {
        Renew("a.example", "b.example");
        var before = (File.ReadAllText(_directory.File("tls/ca.pem")), File.ReadAllText(_directory.File("tls/tls.pem")));

        Renew("b.example", "a.example");

        Assert.Equal(before, (File.ReadAllText(_directory.File("tls/ca.pem")), File.ReadAllText(_directory.File("tls/tls.pem"))));
    }

    [Theory]
    [InlineData(59, false)]
    [InlineData(61, true)]
    [InlineData(200, true)]
    public void The_certificate_is_renewed_after_two_thirds_of_its_life_by_the_same_CA(int days, bool isRenewed)
    {
        Renew("a.example");
        using var before = Certificate();
        var authority = File.ReadAllText(_directory.File("tls/ca.crt"));

        _clock.Advance(TimeSpan.FromDays(days));
        Renew("a.example");

        using var after = Certificate();
        Assert.Equal(isRenewed, before.Thumbprint != after.Thumbprint);
        Assert.True(IsVouchedFor(after));
        Assert.Equal(authority, File.ReadAllText(_directory.File("tls/ca.crt")));
    }

    [Fact]
    public void Other_hosts_mean_another_certificate()
    {
        Renew("a.example");
        using var before = Certificate();

        Renew("a.example", "b.example");

        using var after = Certificate();
        Assert.NotEqual(before.Thumbprint, after.Thumbprint);
    }

    [Fact]
    public void A_write_that_was_cut_off_is_made_again()
    {
        Renew("a.example");
        File.Delete(_directory.File("tls/tls.pem"));
        File.WriteAllText(_directory.File("tls/tls.pem.new"), "-----BEGIN CERT");

        Renew("a.example");

        using var certificate = Certificate();
        Assert.True(IsVouchedFor(certificate));
    }

    [Fact]
    public void A_CA_that_cannot_be_read_is_an_error_and_is_not_replaced()
    {
        Renew("a.example");
        File.WriteAllText(_directory.File("tls/ca.pem"), "nonsense");

        var problem = Assert.Throws<CannotStartException>(() => Renew("a.example"));

        Assert.StartsWith($"The certificates in {_directory.File("tls")} cannot be used or renewed: ", problem.Message, StringComparison.Ordinal);
        Assert.Equal("nonsense", File.ReadAllText(_directory.File("tls/ca.pem")));
    }

    private void Renew(params string[] hosts) => new CertificateDirectory(
        new SelfManagedTls(hosts, _directory.File("tls"), ConfigMap: null), _clock, NullLogger<CertificateDirectory>.Instance).Renew();

    private X509Certificate2 Certificate() => X509Certificate2.CreateFromPemFile(_directory.File("tls/tls.pem"));

    private bool IsVouchedFor(X509Certificate2 certificate)
    {
        using var authority = X509CertificateLoader.LoadCertificateFromFile(_directory.File("tls/ca.crt"));
        using var chain = new X509Chain
        {
            ChainPolicy =
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                CustomTrustStore = { authority },
                RevocationMode = X509RevocationMode.NoCheck,
                VerificationTime = _clock.GetUtcNow().UtcDateTime,
            },
        };
        return chain.Build(certificate);
    }
}
