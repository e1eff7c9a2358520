using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using SidecarAgent.Broker.Configuration;
using SidecarAgent.Broker.Crypto;
using SidecarAgent.Testing;
using SidecarAgent.Yaml;

namespace SidecarAgent.Broker.Tests.Tls;

/// <summary><c>tls: { selfManaged: ... }</c>, from the configuration to a handshake.</summary>
public sealed class SelfManagedBrokerTests : IDisposable
{
    private readonly TempDirectory _directory = TempDirectory.Create();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_client_that_trusts_the_CA_that_the_broker_made_can_call_it()
    {
        var options = Load("{ selfManaged: { hosts: [ localhost ] } }");
        await using var broker = await BrokerServer.StartAsync(
            options, TimeProvider.System, logging => logging.SetMinimumLevel(LogLevel.None), connect: null, CancellationToken.None);
        using var authority = X509CertificateLoader.LoadCertificateFromFile(_directory.File("tls/ca.crt"));
        using var client = new TcpClient();
        await client.ConnectAsync(broker.Address.Host, broker.Address.Port);
        await using var stream = new SslStream(client.GetStream());

        await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            ApplicationProtocols = [SslApplicationProtocol.Http2],
            CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                CustomTrustStore = { authority },
                RevocationMode = X509RevocationMode.NoCheck,
            },
        });

        Assert.True(stream.IsAuthenticated);
    }

    [Theory]
    [InlineData("{ selfManaged: { hosts: [] } }", "'hosts' must name at least one host")]
    [InlineData("{ selfManaged: { hosts: [ 'a b' ] } }", "'a b' is neither the name of a host nor an IP address")]
    [InlineData("{ selfManaged: { hosts: [ a ], configMap: A_B } }", "'configMap' must be the name of a ConfigMap")]
    [InlineData("{ selfManaged: { hosts: [ a ], directory: nowhere/tls } }", "does not exist; make it first")]
    [InlineData("{ selfManaged: { hosts: [ a ] }, certFile: kek }", "leave out 'certFile' and 'keyFile', or it")]
    public void What_is_wrong_with_it_is_said(string tls, string problem) =>
        Assert.Contains(problem, Assert.Throws<InvalidYamlException>(() => Load(tls)).Message, StringComparison.Ordinal);

    private BrokerOptions Load(string tls)
    {
        using var issuer = new TokenIssuer();
        issuer.WriteJwks(_directory.File("jwks.json"));
        KeyFile.Create(_directory.File("kek"));
        _directory.Write("policies/none.yaml", "policies: []");
        return BrokerOptions.Load(_directory.Write("broker.yaml", $$"""
            listen: 127.0.0.1:0
            metricsListen: 127.0.0.1:0
            tls: {{tls}}
            storage: { sqlite: broker.db }
            key: { file: kek }
            audit: { file: audit.jsonl }
            issuers: [ { issuer: "{{issuer.Issuer}}", audience: sidecar-broker, keys: jwks.json } ]
            policies: policies
            """));
    }
}
