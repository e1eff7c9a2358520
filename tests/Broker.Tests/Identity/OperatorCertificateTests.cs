using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.Time.Testing;
using SidecarAgent.Broker.Configuration;
using SidecarAgent.Broker.Identity;
using SidecarAgent.Testing;
using SidecarAgent.V1;

namespace SidecarAgent.Broker.Tests.Identity;

public sealed class OperatorCertificateTests : IDisposable
{
    private const string Alice = "spiffe://prod.example/operators/alice";
    private const string ForClients = "1.3.6.1.5.5.7.3.2";
    private const string ForServers = "1.3.6.1.5.5.7.3.1";

    private readonly TempDirectory _directory = TempDirectory.Create();
    private readonly TestCertificates _ca;
    private readonly FakeTimeProvider _clock = new(TimeProvider.System.GetUtcNow());

    public OperatorCertificateTests() => _ca = new TestCertificates(_directory.FullName);

    public void Dispose()
    {
        _ca.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void A_certificate_of_the_configured_CA_with_a_listed_name_is_an_operator()
    {
        using var certificate = Make(_ca.Ca);

        Assert.Equal(new OperatorResult.Verified(new Operator($"certificate:{Alice}")), ByUri().Verify(certificate));
        Assert.Equal(new OperatorResult.Verified(new Operator("certificate:CN=alice")), BySubject("CN=alice").Verify(certificate));
    }

    [Fact]
    public void Another_name_is_no_operator()
    {
        using var bob = Make(_ca.Ca, uri: "spiffe://prod.example/operators/bob", subject: "CN=bob");
        using var nobody = Make(_ca.Ca, uri: null);

        Assert.IsType<OperatorResult.NotAnAdmin>(ByUri().Verify(bob));
        Assert.IsType<OperatorResult.NotAnAdmin>(ByUri().Verify(nobody));
        Assert.IsType<OperatorResult.NotAnAdmin>(BySubject("CN=alic").Verify(bob));
    }

    [Fact]
    public void The_right_name_from_another_CA_or_from_nobody_proves_nothing()
    {
        using var others = new TestCertificates(Directory.CreateDirectory(_directory.File("other")).FullName);
        using var foreign = Make(others.Ca);
        using var own = Make(null);

        Assert.Equal(TokenRejection.Certificate, Assert.IsType<OperatorResult.Rejected>(ByUri().Verify(foreign)).Reason);
        Assert.Equal(TokenRejection.Certificate, Assert.IsType<OperatorResult.Rejected>(ByUri().Verify(own)).Reason);
    }

    [Theory]
    [InlineData(ForServers)]
    [InlineData(null)]
    public void A_certificate_that_is_not_made_for_clients_proves_nothing(string? usage)
    {
        using var certificate = Make(_ca.Ca, usage: usage);

        Assert.Contains("not made for clients", Assert.IsType<OperatorResult.Rejected>(ByUri().Verify(certificate)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Its_time_is_the_broker_s()
    {
        using var certificate = Make(_ca.Ca);
        _clock.Advance(TimeSpan.FromDays(2));

        Assert.IsType<OperatorResult.Rejected>(ByUri().Verify(certificate));
    }

    [Fact]
    public void Without_its_CA_a_certificate_proves_nothing()
    {
        using var certificate = Make(_ca.Ca);
        File.Delete(_ca.CaFile);

        Assert.Contains("cannot be read", Assert.IsType<OperatorResult.Rejected>(ByUri().Verify(certificate)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Over_TLS_the_handshake_proves_it_and_workloads_need_none()
    {
        await using var broker = await RunningBroker.StartAsync(
            moreAdmins: $", {{ clientCertificate: {{ caFile: {_ca.CaFile}, uri: '{Alice}' }} }}");
        using var alice = Make(_ca.Ca);
        using var bob = Make(_ca.Ca, uri: "spiffe://prod.example/operators/bob");

        await AdminWith(broker, alice).PutSecretAsync(Requests.Put("kv/shop/db", ("password", "one")));
        Assert.Contains($"\"operator\":\"certificate:{Alice}\"", broker.AuditLog, StringComparison.Ordinal);
        var refusal = await Assert.ThrowsAsync<RpcException>(
            () => AdminWith(broker, bob).ListSecretsAsync(new ListSecretsRequest()).ResponseAsync);
        Assert.Equal(("NOT_AN_ADMIN", StatusCode.PermissionDenied), (refusal.Reason(), refusal.StatusCode));
        Assert.Equal("one", (await broker.Client().FetchAsync(Requests.Fetch("kv/shop/db"))).Updates.Single().Issued.Text());
    }

    [Fact]
    public async Task The_socket_knows_its_users_by_the_kernel()
    {
        await using var broker = await RunningBroker.StartAsync();

        await broker.Admin.PutSecretAsync(Requests.Put("kv/shop/db", ("password", "one")));

        Assert.Contains($"\"operator\":\"{RunningBroker.LocalOperator}\"", broker.AuditLog, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_watch_ends_when_the_issuer_withdraws_the_key_of_its_token()
    {
        await using var broker = await RunningBroker.StartAsync(_clock);
        await broker.Admin.PutSecretAsync(Requests.Put("kv/shop/db", ("password", "one")));
        using var watch = broker.Client().Watch(Requests.Watch("kv/shop/db"));
        Assert.True(await watch.ResponseStream.MoveNext());

        broker.Issuer.RotateKey(SigningKey.Es256());
        broker.Issuer.WriteJwks(broker.File("jwks.json"));
        var next = watch.ResponseStream.MoveNext();
        await _clock.AdvanceUntilAsync(() => next.IsCompleted, TimeSpan.FromSeconds(1));

        var end = await Assert.ThrowsAsync<RpcException>(() => next);
        Assert.Equal((StatusCode.Unauthenticated, "TOKEN_INVALID"), (end.StatusCode, end.Reason()));
    }

    private static BrokerAdmin.BrokerAdminClient AdminWith(RunningBroker broker, X509Certificate2 certificate)
    {
        var ssl = broker.SslOptions();
        ssl.ClientCertificates = [certificate];
        var channel = GrpcChannel.ForAddress(
            broker.Address, new GrpcChannelOptions { HttpHandler = new SocketsHttpHandler { SslOptions = ssl }, DisposeHttpClient = true });
        return new BrokerAdmin.BrokerAdminClient(channel);
    }

    private OperatorCertificates ByUri() => new([new AdminCertificate(_ca.CaFile, null, Alice)], _clock);

    private OperatorCertificates BySubject(string subject) => new([new AdminCertificate(_ca.CaFile, subject, null)], _clock);

    /// <param name="ca">Null: it signs itself.</param>
    private static X509Certificate2 Make(
        X509Certificate2? ca, string? uri = Alice, string subject = "CN=alice", string? usage = ForClients)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        if (uri is not null)
        {
            var names = new SubjectAlternativeNameBuilder();
            names.AddDnsName("alice.example");
            names.AddUri(new Uri(uri));
            request.CertificateExtensions.Add(names.Build());
        }

        if (usage is not null)
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], false));
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = ca is null
            ? request.CreateSelfSigned(now.AddHours(-1), now.AddHours(1))
            : request.Create(ca, ca.NotBefore, ca.NotAfter, RandomNumberGenerator.GetBytes(16));
        using var withKey = ca is null ? X509CertificateLoader.LoadCertificate(certificate.RawData) : certificate.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), null);
    }
}
