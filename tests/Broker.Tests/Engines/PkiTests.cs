using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Org.BouncyCastle.X509;
using SidecarAgent.Broker.Tests.Storage;
using SidecarAgent.V1;

namespace SidecarAgent.Broker.Tests.Engines;

/// <summary>The whole way of a certificate, and what everybody may read of its CA.</summary>
public abstract class PkiTests(TestStore store) : IAsyncLifetime
{
    private const string Policies =
        """
        policies:
          - name: shop
            subjects: [ { namespace: shop, serviceAccount: '*' } ]
            grants:
              - { paths: [ 'pki/issue/*', pki/ca ], ttl: 48h, maxTtl: 480h }
              - { paths: [ brief/issue/web ], ttl: 2h, maxTtl: 240h }
        """;

    private const string Mounts =
        """
        mounts:
          - { path: kv, engine: kv }
          - path: pki
            engine: pki
            ca: { commonName: Shop CA, lifetime: 365d }
            crlUrl: http://broker.example/pki/pki/crl.der
            roles:
              - name: web
                ttl: 1h
                names: [ 'dns:{serviceAccount}.{namespace}.svc', 'uri:spiffe://shop.example/ns/{namespace}/sa/{serviceAccount}' ]
              - { name: edge, names: [ 'dns:{pod}.shop.example' ], key: ed25519, usages: [ server ] }
          - path: brief
            engine: pki
            ca: { commonName: Brief CA }
            roles: [ { name: web, names: [ 'dns:{serviceAccount}.{namespace}.svc' ] } ]
        """;

    private RunningBroker _broker = null!;

    public async Task InitializeAsync() => _broker = await RunningBroker.StartAsync(policies: Policies, configuration: Mounts, store: store);

    public async Task DisposeAsync()
    {
        await _broker.DisposeAsync();
        await store.DisposeAsync();
    }

    [Fact]
    public async Task A_pod_gets_a_certificate_for_its_own_names_with_its_key_in_one_set()
    {
        var issued = await IssueAsync("pki/issue/web");

        Assert.Equal(["ca", "certificate", "chain", "privateKey"], issued.Fields.Select(field => field.Name));
        Assert.Equal([FieldClass.Identifier, FieldClass.Identifier, FieldClass.Identifier, FieldClass.Secret], issued.Fields.Select(field => field.Class));
        using var pair = X509Certificate2.CreateFromPem(issued.Text("certificate"), issued.Text("privateKey"));
        using var ca = X509Certificate2.CreateFromPem(issued.Text("ca"));
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(ca);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        Assert.True(chain.Build(pair), string.Join(", ", chain.ChainStatus.Select(status => status.StatusInformation)));
        Assert.True(pair.MatchesHostname("orders.shop.svc"));
        Assert.False(pair.MatchesHostname("bills.shop.svc"));
        var names = pair.Extensions.OfType<X509SubjectAlternativeNameExtension>().Single();
        Assert.Contains("spiffe://shop.example/ns/shop/sa/orders", names.Format(false), StringComparison.Ordinal);
        // The lease's hour and the margin, and one minute before now.
        Assert.InRange(pair.NotAfter - pair.NotBefore, TimeSpan.FromMinutes(65), TimeSpan.FromMinutes(67));
    }

    [Fact]
    public async Task A_lease_cannot_outlive_its_certificate()
    {
        var issued = await IssueAsync("pki/issue/web");

        Assert.InRange(issued.Lease.MaxExpiresIn.ToTimeSpan(), TimeSpan.FromMinutes(59), TimeSpan.FromHours(1));
    }

    [Fact]
    public async Task Also_where_the_grant_is_shorter_than_the_role_a_certificate_is_replaced_and_not_renewed()
    {
        var issued = await IssueAsync("brief/issue/web");
        using var certificate = X509Certificate2.CreateFromPem(issued.Text("certificate"));

        Assert.InRange(issued.Lease.ExpiresIn.ToTimeSpan(), TimeSpan.FromMinutes(119), TimeSpan.FromHours(2));
        // It is replaced two thirds into this, while it is good still.
        Assert.Equal(issued.Lease.ExpiresIn, issued.Lease.MaxExpiresIn);
        Assert.InRange(certificate.NotAfter - certificate.NotBefore, TimeSpan.FromMinutes(125), TimeSpan.FromMinutes(127));
    }

    [Fact]
    public async Task A_released_certificate_is_on_the_signed_list_and_others_are_not()
    {
        var released = await IssueAsync("pki/issue/web");
        var kept = await IssueAsync("pki/issue/web", _broker.Issuer.Token(pod: "orders-1"));

        await _broker.Client().ReleaseAsync(new ReleaseRequest { LeaseIds = { released.Lease.Id } });

        await Waiting.UntilAsync(async () => (await ListAsync()).IsRevoked(Parse(released)));
        var list = await ListAsync();
        list.Verify(new X509CertificateParser().ReadCertificate(Der(released.Text("ca"))).GetPublicKey());
        Assert.False(list.IsRevoked(Parse(kept)));
        // Who asks again and again costs no signature, of which no two are equal.
        Assert.Equal(list.GetEncoded(), (await ListAsync()).GetEncoded());
    }

    [Fact]
    public async Task The_end_of_a_CA_that_was_needed_is_a_metric()
    {
        var issued = await IssueAsync("pki/issue/web");
        using var ca = X509Certificate2.CreateFromPem(issued.Text("ca"));
        using var metrics = _broker.Metrics;

        var lines = (await metrics.GetStringAsync(new Uri("/metrics", UriKind.Relative))).Split('\n')
            .Where(line => line.StartsWith("sidecar_broker_pki_ca_expiry_timestamp_seconds{", StringComparison.Ordinal));

        var line = Assert.Single(lines);
        Assert.Contains("mount=\"pki\"", line, StringComparison.Ordinal);
        Assert.Contains($" {new DateTimeOffset(ca.NotAfter).ToUnixTimeSeconds()}", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_CA_is_the_same_after_a_restart_and_its_key_is_served_to_nobody()
    {
        var before = await IssueAsync("pki/issue/web");
        await _broker.RestartAsync();
        using var metrics = _broker.Metrics;

        Assert.Equal(before.Text("ca"), await metrics.GetStringAsync(new Uri("/pki/pki/ca.pem", UriKind.Relative)));
        Assert.Equal(SecretUpdate.OutcomeOneofCase.Denied, (await FetchAsync("pki/ca")).OutcomeCase);
        // Not to operators either, by whatever number: there is a version, which is not active.
        foreach (var version in new ulong[] { 1, 0 })
        {
            var refused = await Assert.ThrowsAsync<Grpc.Core.RpcException>(
                () => _broker.Admin.GetSecretAsync(new GetSecretRequest { Path = "pki/ca", Version = version, Reveal = true }).ResponseAsync);
            Assert.Equal("SECRET_NOT_FOUND", refused.Reason());
        }

        Assert.Contains("\"action\":\"reveal\",\"allowed\":false", _broker.AuditLog, StringComparison.Ordinal);
        Assert.Equal(System.Net.HttpStatusCode.NotFound, (await metrics.GetAsync(new Uri("/pki/kv/ca.pem", UriKind.Relative))).StatusCode);
    }

    [Fact]
    public async Task Keys_and_usages_are_the_roles()
    {
        var issued = await IssueAsync("pki/issue/edge");

        using var certificate = X509Certificate2.CreateFromPem(issued.Text("certificate"));
        Assert.Equal("1.3.101.112", certificate.PublicKey.Oid.Value);
        Assert.Equal(
            ["1.3.6.1.5.5.7.3.1"],
            certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>().Single().EnhancedKeyUsages.Cast<Oid>().Select(usage => usage.Value));
    }

    private async Task<Issued> IssueAsync(string path, string? token = null)
    {
        var update = await FetchAsync(path, token);
        Assert.True(update.OutcomeCase == SecretUpdate.OutcomeOneofCase.Issued, update.ToString());
        return update.Issued;
    }

    private async Task<SecretUpdate> FetchAsync(string path, string? token = null) =>
        (await _broker.Client(token).FetchAsync(Requests.Fetch(path))).Updates.Single();

    private async Task<X509Crl> ListAsync()
    {
        using var metrics = _broker.Metrics;
        return new X509CrlParser().ReadCrl(await metrics.GetByteArrayAsync(new Uri("/pki/pki/crl.der", UriKind.Relative)));
    }

    private static Org.BouncyCastle.X509.X509Certificate Parse(Issued issued) =>
        new X509CertificateParser().ReadCertificate(Der(issued.Text("certificate")));

    private static byte[] Der(string pem) => Convert.FromBase64String(pem[PemEncoding.Find(pem).Base64Data]);
}

public sealed class SqlitePkiTests() : PkiTests(new SqliteTestStore());

[Collection(nameof(PostgresFixture))]
public sealed class PostgresPkiTests(PostgresFixture server) : PkiTests(new PostgresTestStore(server));
