using SidecarAgent.Broker.Configuration;
using SidecarAgent.Testing;
using SidecarAgent.Yaml;

namespace SidecarAgent.Broker.Tests.Configuration;

public sealed class StorageOptionsTests : IDisposable
{
    private readonly TempDirectory _directory = TempDirectory.Create();

    public StorageOptionsTests() => _directory.Write("x", "x");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_server_is_looked_at_closely_unless_something_else_is_said()
    {
        var options = Postgres("host: db, database: b, user: u, passwordFile: x");

        Assert.Equal(
            new StorageOptions.Postgres { Host = "db", Port = 5432, Database = "b", User = "u", PasswordFile = _directory.File("x") },
            options);
        Assert.Equal(PostgresTls.VerifyFull, options.Tls);
        Assert.Equal("b on db:5432", options.Name);
    }

    [Fact]
    public void Everything_can_be_said()
    {
        var options = Postgres("host: db, port: 6432, database: b, user: u, certFile: x, keyFile: x, caFile: x, sslMode: verify-ca, timeout: 3s");

        Assert.Equal((6432, PostgresTls.VerifyCa, TimeSpan.FromSeconds(3)), (options.Port, options.Tls, options.Timeout));
        Assert.All(new[] { options.CertFile, options.KeyFile, options.CaFile }, file => Assert.Equal(_directory.File("x"), file));
        Assert.False(options.IsLocal);
    }

    [Fact]
    public void A_socket_needs_neither_password_nor_encryption()
    {
        var options = Postgres("host: /run/postgresql, database: b, user: u");

        Assert.Equal(PostgresTls.Disable, options.Tls);
        Assert.True(options.IsLocal);
        Assert.Equal("b on /run/postgresql", options.Name);
    }

    [Theory]
    [InlineData("{ }", "'storage' needs 'sqlite' (a file) or 'postgres' (a server)")]
    [InlineData("{ sqlite: a.db, postgres: { host: db, database: b, user: u, passwordFile: x } }", "the broker keeps its data in one of them")]
    [InlineData("{ postgres: Host=db }", "'postgres' must be a mapping")]
    [InlineData("{ postgres: { host: db, database: b, user: u } }", "needs 'passwordFile', or 'certFile' and 'keyFile'")]
    [InlineData("{ postgres: { host: db, database: b, user: u, passwordFile: y } }", "put the password of the broker's account there")]
    [InlineData("{ postgres: { host: db, database: b, user: u, certFile: x } }", "'certFile' and 'keyFile' belong together")]
    [InlineData("{ postgres: { host: db, user: u, passwordFile: x } }", "needs 'database'")]
    [InlineData("{ postgres: { host: db, database: b, user: u, passwordFile: x, sslMode: require } }", "gives secrets to whoever answers")]
    [InlineData("{ postgres: { host: db, database: b, user: u, passwordFile: x, sslMode: off } }", "must be one of verify-full, verify-ca, disable")]
    [InlineData("{ postgres: { host: db, database: b, user: u, passwordFile: x, caFile: x, sslMode: disable } }", "mean nothing without TLS")]
    [InlineData("{ postgres: { host: /run, database: b, user: u, sslMode: verify-full } }", "no TLS over a Unix socket")]
    [InlineData("{ postgres: { host: db, database: b, user: u, passwordFile: x, port: 0 } }", "a whole number from 1 to 65535")]
    [InlineData("{ postgres: { host: db, database: b, user: u, passwordFile: x, timeout: 2m } }", "must be from 1s to 1m")]
    [InlineData("{ postgres: { host: db, database: b, user: u, passwordFile: x, sslmode: disable } }", "did you mean 'sslMode'?")]
    public void What_is_wrong_is_said(string storage, string expected) =>
        Assert.Contains(Problems(storage), problem => problem.Contains(expected, StringComparison.Ordinal));

    private StorageOptions.Postgres Postgres(string map)
    {
        var file = YamlFile.Parse($"storage: {{ postgres: {{ {map} }} }}", "broker.yaml");
        var options = new StorageOptionsReader(new ConfiguredFiles(_directory.FullName)).Read(file.Root);
        file.ThrowIfInvalid();
        return Assert.IsType<StorageOptions.Postgres>(options);
    }

    private IEnumerable<string> Problems(string storage)
    {
        var file = YamlFile.Parse($"storage: {storage}", "broker.yaml");
        new StorageOptionsReader(new ConfiguredFiles(_directory.FullName)).Read(file.Root);
        return Assert.Throws<InvalidYamlException>(file.ThrowIfInvalid).Problems.Select(problem => problem.ToString());
    }
}
