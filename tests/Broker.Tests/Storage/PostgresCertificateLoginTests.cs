using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using SidecarAgent.Broker.Storage;
using SidecarAgent.Broker.Tests.Engines;
using SidecarAgent.Testing;

namespace SidecarAgent.Broker.Tests.Storage;

/// <summary>The broker's account on the server may be one that logs in with a certificate.</summary>
[Collection(nameof(PostgresFixture))]
public sealed class PostgresCertificateLoginTests(PostgresFixture postgres) : IAsyncLifetime
{
    private readonly TempDirectory _directory = TempDirectory.Create();
    private readonly PostgresTestStore _store = postgres.Store();
    private string _role = "";

    public async Task InitializeAsync()
    {
        await _store.CreateAsync();
        _role = $"{_store.Name}_user";
        await postgres.AskAsync($"CREATE ROLE {_role} LOGIN");
        await postgres.AskAsync($"ALTER DATABASE {_store.Name} OWNER TO {_role}");
    }

    public async Task DisposeAsync()
    {
        await _store.DisposeAsync();
        await postgres.AskAsync($"DROP ROLE {_role}");
        await postgres.AskAsync("ALTER SYSTEM RESET ssl_ca_file");
        await WriteAsync("host all all all scram-sha-256", (string)(await postgres.AskAsync("SHOW hba_file"))!);
        await postgres.AskAsync("SELECT pg_reload_conf()");
        _directory.Dispose();
    }

    [Fact]
    public async Task A_certificate_that_names_the_account_is_enough()
    {
        using var ca = new TestCertificates(_directory.FullName);
        var data = (string)(await postgres.AskAsync("SHOW data_directory"))!;
        await WriteAsync(await File.ReadAllTextAsync(ca.CaFile), $"{data}/clients.pem");
        await WriteAsync($"hostssl all {_role} all cert\nhost all all all scram-sha-256", (string)(await postgres.AskAsync("SHOW hba_file"))!);
        await postgres.AskAsync("ALTER SYSTEM SET ssl_ca_file = 'clients.pem'");
        await postgres.AskAsync("SELECT pg_reload_conf()");
        var account = _store.Connection with
        {
            User = _role,
            PasswordFile = null,
            CertFile = _directory.File("client.crt"),
            KeyFile = _directory.File("client.key"),
        };

        Issue(ca.Ca, "somebody else");
        var refused = await Assert.ThrowsAsync<CannotStartException>(
            () => Database.OpenAsync(account, TimeProvider.System, NullLogger.Instance, default));
        Assert.Contains($"for user \"{_role}\"", refused.Message, StringComparison.Ordinal);
        Issue(ca.Ca, _role);
        await Waiting.UntilAsync(async () =>
        {
            try
            {
                await (await Database.OpenAsync(account, TimeProvider.System, NullLogger.Instance, default)).DisposeAsync();
                return true;
            }
            catch (CannotStartException)
            {
                // The server reads its settings again when it comes to it.
                return false;
            }
        });
    }

    private void Issue(X509Certificate2 ca, string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        using var certificate = request.Create(ca, ca.NotBefore, ca.NotAfter, RandomNumberGenerator.GetBytes(8));
        _directory.Write("client.crt", certificate.ExportCertificatePem());
        _directory.Write("client.key", key.ExportPkcs8PrivateKeyPem());
    }

    /// <summary>A file of the server's own, line by line.</summary>
    private Task<object?> WriteAsync(string text, string file) => postgres.AskAsync(
        $"COPY (SELECT unnest(string_to_array('{text.Trim().Replace("\n", "|", StringComparison.Ordinal)}', '|'))) TO '{file}'");
}
