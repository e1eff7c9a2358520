using SidecarAgent.Broker.Configuration;
using SidecarAgent.Testing;
using SidecarAgent.Yaml;

namespace SidecarAgent.Broker.Tests.Configuration;

/// <summary>What a configuration says of accounts that are made on demand, and of limits.</summary>
public sealed class DynamicOptionsTests : IDisposable
{
    private readonly TempDirectory _directory = TempDirectory.Create();

    public DynamicOptionsTests()
    {
        foreach (var file in new[] { "tls.crt", "tls.key", "kek", "jwks.json", "password" })
            _directory.Write(file, "x");
        Directory.CreateDirectory(_directory.File("policies"));
    }

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_role_says_how_long_its_leases_live_or_leaves_it_to_the_grant()
    {
        var options = Load(
            """
            mounts:
              - path: database
                engine: postgres
                connection: { host: db.shop, user: broker, passwordFile: password }
                timeout: 5s
                concurrency: 3
                roles:
                  - { name: orders, ttl: 15m, maxTtl: 2h, create: [ 'CREATE ROLE {{name}} LOGIN PASSWORD {{password}} VALID UNTIL {{validUntil}}' ] }
                  - { name: billing, create: [ 'CREATE ROLE {{name}} LOGIN PASSWORD {{password}} VALID UNTIL {{validUntil}}' ] }
            limits: { callsPerSecond: 7, burst: 9, watches: 3, dynamicLeases: 5 }
            leases: { giveUpAfter: 3h }
            """);

        var dynamic = Assert.Single(options.Mounts).Dynamic!;
        Assert.Equal((TimeSpan.FromSeconds(5), 3), (dynamic.Timeout, dynamic.Concurrency));
        Assert.Equal(new RoleOptions(TimeSpan.FromMinutes(15), TimeSpan.FromHours(2)), dynamic.Roles["orders"]);
        Assert.Equal(new RoleOptions(null, null), dynamic.Roles["billing"]);
        Assert.Equal(new LimitOptions { CallsPerSecond = 7, Burst = 9, Watches = 3, DynamicLeases = 5 }, options.Limits);
        Assert.Equal(TimeSpan.FromHours(3), options.Leases.GiveUpAfter);
    }

    [Fact]
    public void Everything_that_is_wrong_is_said_at_once_and_only_once()
    {
        var problems = Assert.Throws<InvalidYamlException>(() => Load(
            """
            mounts:
              - path: database
                engine: postgres
                connection: { host: db.shop, user: broker, passwordFile: missing }
                timeout: 10m
                concurrency: 900
                roles:
                  - { name: orders, ttl: 2h, maxTtl: 1h, create: [ 'CREATE ROLE {{name}}' ] }
                  - { name: 'a/b', ttl: 0s, maxTTL: 1h, create: [] }
            limits: { burst: 0 }
            leases: { giveUpAfter: 1s }
            """)).Problems.Select(problem => problem.Message).ToList();

        foreach (var word in new[] { "missing", "'timeout'", "'concurrency'", "'maxTtl' must not", "a role's name", "'ttl' must be", "unknown key 'maxTTL'", "'burst'", "'giveUpAfter'" })
            Assert.Single(problems, problem => problem.Contains(word, StringComparison.Ordinal));
    }

    [Fact]
    public void Limits_that_are_not_there_have_defaults() => Assert.Equal(LimitOptions.Default, Load("").Limits);

    private BrokerOptions Load(string more) => BrokerOptions.Load(_directory.Write(
        "broker.yaml",
        $"""
        tls: {"{ certFile: tls.crt, keyFile: tls.key }"}
        storage: {"{ sqlite: broker.db }"}
        key: {"{ file: kek }"}
        audit: {"{ file: audit.jsonl }"}
        issuers: [ {"{ issuer: https://cluster-a, audience: sidecar-broker, keys: jwks.json }"} ]
        policies: policies
        {more}
        """));
}
