using System.Net;
using SidecarAgent.Broker.Configuration;
using SidecarAgent.Testing;
using SidecarAgent.Yaml;

namespace SidecarAgent.Broker.Tests.Configuration;

public sealed class BrokerOptionsTests : IDisposable
{
    /// <summary>Everything that is required, and nothing else.</summary>
    private const string Minimal =
        """
        tls: { certFile: tls.crt, keyFile: tls.key }
        storage: { sqlite: broker.db }
        key: { file: kek }
        audit: { file: audit.jsonl }
        issuers: [ { issuer: https://cluster-a, audience: sidecar-broker, keys: jwks.json } ]
        policies: policies
        """;

    private readonly TempDirectory _directory = TempDirectory.Create();

    public BrokerOptionsTests()
    {
        foreach (var file in new[] { "tls.crt", "tls.key", "kek", "jwks.json", "ca.crt", "token", "audit-key" })
            _directory.Write(file, "x");
        Directory.CreateDirectory(_directory.File("policies"));
    }

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void What_is_left_out_has_its_default_and_paths_are_relative_to_the_file()
    {
        var options = Load(Minimal);

        Assert.Equal(new IPEndPoint(IPAddress.Any, 8443), options.Listen);
        Assert.Equal(new IPEndPoint(IPAddress.Any, 9464), options.MetricsListen);
        Assert.Equal(new TlsOptions(_directory.File("tls.crt"), _directory.File("tls.key")), options.Tls);
        Assert.Equal(new StorageOptions.Sqlite(_directory.File("broker.db")), options.Storage);
        Assert.Equal(new KekOptions.InFile(_directory.File("kek")), options.Key.Current);
        Assert.Empty(options.Key.Previous);
        Assert.Equal(TimeSpan.FromMinutes(10), options.Key.Cache);
        Assert.Equal(new AuditOptions(_directory.File("audit.jsonl"), 256 * 1024 * 1024, null), options.Audit);
        Assert.Equal(_directory.File("policies"), options.PolicyDirectory);
        Assert.Equal([new MountOptions("kv", EngineKind.Kv)], options.Mounts);
        Assert.Equal(new LeaseOptions(TimeSpan.FromHours(1), TimeSpan.FromHours(24)), options.Leases);
        Assert.Null(options.Admins.Socket);
        Assert.Empty(options.Admins.Subjects);
        var issuer = Assert.Single(options.Issuers);
        Assert.Equal("https://cluster-a", issuer.Issuer);
        Assert.Equal("sidecar-broker", issuer.Audience);
        Assert.Equal(new KeySource.File(_directory.File("jwks.json")), issuer.Keys);
        Assert.Equal(IssuerOptions.AllowedAlgorithms, issuer.Algorithms);
        Assert.Null(issuer.CaFile);
        Assert.Null(issuer.TokenFile);
    }

    [Fact]
    public void Everything_can_be_said()
    {
        var options = Load(
            """
            listen: 127.0.0.1:0
            metricsListen: '[::1]:9000'
            tls: { certFile: tls.crt, keyFile: tls.key }
            storage: { sqlite: broker.db }
            key: { file: kek }
            audit: { file: audit.jsonl, maxMegabytes: 16, checkpoints: { keyFile: audit-key, every: 1m } }
            issuers:
              - { issuer: https://cluster-a, audience: a, keys: discovery, caFile: ca.crt, tokenFile: token, algorithms: [ RS256 ] }
              - { issuer: cluster-b, audience: b, keys: 'https://b.example/jwks?x=1' }
            admins:
              - { socket: admin.sock }
              - { issuer: https://cluster-a, subject: system:serviceaccount:ops:admin }
            policies: policies
            mounts: [ { path: kv, engine: kv }, { path: team-kv, engine: kv } ]
            leases: { ttl: 10m, maxTtl: 1h }
            """);

        Assert.Equal(new IPEndPoint(IPAddress.Loopback, 0), options.Listen);
        Assert.Equal(new IPEndPoint(IPAddress.IPv6Loopback, 9000), options.MetricsListen);
        Assert.Equal(
            new AuditOptions(
                _directory.File("audit.jsonl"), 16 * 1024 * 1024,
                new CheckpointOptions(_directory.File("audit-key"), TimeSpan.FromMinutes(1))),
            options.Audit);
        Assert.Equal(new KeySource.Discovery(), options.Issuers[0].Keys);
        Assert.Equal(_directory.File("ca.crt"), options.Issuers[0].CaFile);
        Assert.Equal(_directory.File("token"), options.Issuers[0].TokenFile);
        Assert.Equal(["RS256"], options.Issuers[0].Algorithms);
        Assert.Equal(new KeySource.Url(new Uri("https://b.example/jwks?x=1")), options.Issuers[1].Keys);
        Assert.Equal(_directory.File("admin.sock"), options.Admins.Socket);
        Assert.Equal([new AdminSubject("https://cluster-a", "system:serviceaccount:ops:admin")], options.Admins.Subjects);
        Assert.Equal(["kv", "team-kv"], options.Mounts.Select(mount => mount.Path));
        Assert.Equal(new LeaseOptions(TimeSpan.FromMinutes(10), TimeSpan.FromHours(1)), options.Leases);
    }

    [Fact]
    public void An_empty_file_is_told_everything_that_it_needs_at_once()
    {
        var problems = Problems("{}");

        Assert.Equal(
            [
                "the file needs 'tls'",
                "the file needs 'storage'",
                "the file needs 'key'",
                "the file needs 'audit'",
                "'issuers' must name at least one issuer, or no workload could prove who it is",
                "the file needs 'policies'",
            ],
            problems.Select(problem => problem.Message));
        Assert.All(problems, problem => Assert.Equal((1, 1), (problem.Line, problem.Column)));
    }

    [Theory]
    [InlineData("lisen: 0.0.0.0:1", "broker.yaml:7:1: unknown key 'lisen' in the file; did you mean 'listen'?")]
    [InlineData("listen: ':8443'", "broker.yaml:7:9: 'listen' must be an IP address or localhost, and a port, such as 0.0.0.0:8443")]
    [InlineData("listen: 0.0.0.0", "'listen' must be an IP address or localhost, and a port")]
    [InlineData("listen: 8443", "'listen' must be an IP address or localhost, and a port")]
    [InlineData("listen: 1:8443", "'listen' must be an IP address or localhost, and a port")]
    [InlineData("listen: '::1:8443'", "'listen' must be an IP address or localhost, and a port")]
    [InlineData("listen: '[127.0.0.1]:8443'", "'listen' must be an IP address or localhost, and a port")]
    [InlineData("listen: 0.0.0.0:65536", "'listen' must be an IP address or localhost, and a port")]
    [InlineData("listen: 0.0.0.0:-1", "'listen' must be an IP address or localhost, and a port")]
    [InlineData("listen: broker.example:8443", "'listen' must be an IP address or localhost, and a port")]
    [InlineData("metricsListen: x", "'metricsListen' must be an IP address or localhost, and a port, such as 0.0.0.0:9464")]
    [InlineData("mounts: []", "expected at least one mount, such as { path: kv, engine: kv }")]
    [InlineData("mounts: [ { path: kv, engine: kv }, { path: kv, engine: kv } ]", "another engine is already mounted at 'kv'")]
    [InlineData("mounts: [ { path: kv, engine: vk } ]", "there is no engine 'vk'; expected kv")]
    [InlineData("mounts: [ { path: kv } ]", "an entry of 'mounts' needs 'engine'")]
    [InlineData("mounts: [ { engine: kv } ]", "an entry of 'mounts' needs 'path'")]
    [InlineData("mounts: [ { path: a/b, engine: kv } ]", "a mount's path is one segment of letters, digits, '.', '_' and '-'")]
    [InlineData("mounts: [ { path: .., engine: kv } ]", "a mount's path is one segment of letters, digits, '.', '_' and '-'")]
    [InlineData("leases: { ttl: 0s }", "'ttl' must be from 1s to 365d")]
    [InlineData("leases: { maxTtl: 366d }", "'maxTtl' must be from 1s to 365d")]
    [InlineData("leases: { ttl: 25h }", "'maxTtl' (24h unless set) must not be shorter than 'ttl' (1h unless set)")]
    [InlineData("admins: [ {} ]", "an entry of 'admins' needs 'issuer'")]
    [InlineData("admins: [ { socket: a.sock }, { socket: b.sock } ]", "a socket is already configured; one is enough")]
    [InlineData("admins: [ { socket: a.sock, uids: [] } ]", "leave 'uids' out to let in whoever may open it")]
    [InlineData("admins: [ { socket: none/a.sock } ]", "does not exist; make it first")]
    [InlineData("admins: [ { socket: a.sock, subject: x } ]", "unknown key 'subject' in an entry of 'admins'")]
    [InlineData("admins: [ { issuer: https://other, subject: x } ]", "'https://other' is not one of the configured issuers")]
    [InlineData("admins: [ { issuer: https://cluster-a, subject: local } ]", "'local' is what the audit log calls the socket's users")]
    [InlineData("admins: [ { issuer: https://cluster-a, subject: x }, { issuer: https://cluster-a, subject: x } ]", "'x' is listed already")]
    public void A_bad_option_is_refused_with_its_place_and_what_was_expected(string line, string expected) =>
        Assert.Contains(expected, Problems($"{Minimal}\n{line}")[0].ToString(), StringComparison.Ordinal);

    [Theory]
    [InlineData("maxMegabytes: 0", "'maxMegabytes' must be")]
    [InlineData("checkpoints: {}", "'checkpoints' needs 'keyFile'")]
    [InlineData("checkpoints: { keyFile: none }", "none does not exist; make it with 'sidecar-broker init-audit-key'")]
    [InlineData("checkpoints: { keyFile: audit-key, every: 25h }", "'every' must be from 1s to 24h")]
    public void A_bad_option_of_the_audit_log_is_refused(string option, string expected) =>
        Assert.Contains(
            expected,
            Problems(Minimal.Replace("file: audit.jsonl", $"file: audit.jsonl, {option}", StringComparison.Ordinal))[0].ToString(),
            StringComparison.Ordinal);

    [Theory]
    [InlineData("issuer: https://cluster-a, audience: b, keys: jwks.json", "the issuer 'https://cluster-a' is configured already")]
    [InlineData("audience: b, keys: jwks.json", "an entry of 'issuers' needs 'issuer'")]
    [InlineData("issuer: b, keys: jwks.json", "an entry of 'issuers' needs 'audience'")]
    [InlineData("issuer: b, audience: b", "an entry of 'issuers' needs 'keys'")]
    [InlineData("issuer: b, audience: b, keys: none.json", "none.json does not exist; put the issuer's JSON Web Key Set there, or write 'keys: discovery'")]
    [InlineData("issuer: b, audience: b, keys: policies", "'keys' names a directory")]
    [InlineData("issuer: b, audience: b, keys: 'http://b/jwks'", "keys are fetched over https only")]
    [InlineData("issuer: b, audience: b, keys: 'ftp://b/jwks'", "keys are fetched over https only")]
    [InlineData("issuer: b, audience: b, keys: discovery", "with 'keys: discovery' the issuer must be an https address")]
    [InlineData("issuer: 'http://b', audience: b, keys: discovery", "with 'keys: discovery' the issuer must be an https address")]
    [InlineData("issuer: 'https://b?x', audience: b, keys: discovery", "with 'keys: discovery' the issuer must be an https address")]
    [InlineData("issuer: b, audience: b, keys: jwks.json, caFile: ca.crt", "'caFile' is only for keys that are fetched over https")]
    [InlineData("issuer: b, audience: b, keys: jwks.json, tokenFile: token", "'tokenFile' is only for keys that are fetched over https")]
    [InlineData("issuer: 'https://b', audience: b, keys: discovery, caFile: no.crt", "no.crt does not exist; put the issuer's CA certificate there")]
    [InlineData("issuer: b, audience: b, keys: jwks.json, algorithms: [ HS256 ]", "'HS256' is not an algorithm that can be trusted here; expected some of RS256")]
    [InlineData("issuer: b, audience: b, keys: jwks.json, algorithms: [ none ]", "'none' is not an algorithm that can be trusted here")]
    [InlineData("issuer: b, audience: b, keys: jwks.json, algorithms: []", "'algorithms' must name at least one of RS256")]
    public void A_bad_issuer_is_refused_with_what_was_expected(string issuer, string expected) =>
        Assert.Contains(
            Problems(Minimal.Replace("jwks.json } ]", $"jwks.json }}, {{ {issuer} }} ]", StringComparison.Ordinal)),
            problem => problem.ToString().Contains(expected, StringComparison.Ordinal));

    [Theory]
    [InlineData("tls.crt", "tls.crt does not exist; put the broker's certificate there, in PEM")]
    [InlineData("tls.key", "tls.key does not exist; put the certificate's private key there, in PEM")]
    [InlineData("kek", "kek does not exist; make it with 'sidecar-broker init-key', and keep a copy in a safe")]
    public void A_missing_file_is_named_with_what_to_do(string file, string expected)
    {
        File.Delete(_directory.File(file));

        Assert.Contains(expected, Assert.Single(Problems(Minimal)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Missing_directories_are_named()
    {
        Directory.Delete(_directory.File("policies"));
        var problems = Problems(Minimal
            .Replace("broker.db", "db/broker.db", StringComparison.Ordinal)
            .Replace("audit.jsonl", "policies/../log/audit.jsonl", StringComparison.Ordinal));

        Assert.Equal(
            [
                $"the directory of 'sqlite', {_directory.File("db")}, does not exist; make it first",
                $"the directory of 'file', {_directory.File("log")}, does not exist; make it first",
                $"the directory {_directory.File("policies")} does not exist; make it, or correct 'policies'",
            ],
            problems.Select(problem => problem.Message));
    }

    [Fact]
    public void A_file_where_a_directory_stands_is_refused()
    {
        Directory.CreateDirectory(_directory.File("audit.jsonl"));

        Assert.Contains("'file' names a directory", Assert.Single(Problems(Minimal)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_path_of_a_socket_has_the_system_s_limit()
    {
        var problem = Assert.Single(Problems($"{Minimal}\nadmins: [ {{ socket: {new string('s', 100)} }} ]"));

        Assert.Contains("the path of a socket has at most 107 bytes", problem.Message, StringComparison.Ordinal);
    }

    private BrokerOptions Load(string text) => BrokerOptions.Load(_directory.Write("broker.yaml", text));

    private IReadOnlyList<YamlProblem> Problems(string text) =>
        Assert.Throws<InvalidYamlException>(() => Load(text)).Problems;
}
