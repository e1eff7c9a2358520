using SidecarAgent.Broker.Configuration;
using SidecarAgent.Testing;
using SidecarAgent.Yaml;

namespace SidecarAgent.Broker.Tests.Configuration;

public sealed class EngineMountTests : IDisposable
{
    private const string Rest =
        """
        tls: { certFile: x, keyFile: x }
        storage: { sqlite: broker.db }
        key: { file: x }
        audit: { file: audit.jsonl }
        issuers: [ { issuer: https://cluster-a, audience: sidecar-broker, keys: x } ]
        policies: policies

        """;

    private readonly TempDirectory _directory = TempDirectory.Create();

    public EngineMountTests()
    {
        _directory.Write("x", "x");
        Directory.CreateDirectory(_directory.File("policies"));
    }

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Every_engine_can_be_mounted()
    {
        var mounts = Load(
            """
            mounts:
              - path: pg
                engine: postgres
                connection: { host: db, user: broker, passwordFile: x, caFile: x, database: shop }
                scramIterations: 1
                roles:
                  - { name: r, create: [ 'CREATE ROLE {{name}} LOGIN PASSWORD {{password}} VALID UNTIL {{validUntil}}' ], reassignTo: owner }
              - path: my
                engine: mysql
                connection: { host: db, user: broker, passwordFile: x, tls: off }
                concurrency: 3
                timeout: 5s
                roles: [ { name: r, create: [ 'CREATE USER {{name}} IDENTIFIED BY PASSWORD {{password}}' ] } ]
              - path: cache
                engine: redis
                connection: { host: db, user: broker, passwordFile: x, saveUsers: true }
                roles: [ { name: r, rules: [ '~orders:*', +@read ] } ]
              - path: queue
                engine: rabbitmq
                connection: { host: db, user: broker, passwordFile: x, vhost: shop }
                roles: [ { name: r, tags: [ monitoring ], permissions: [ { vhost: shop, read: '^orders$' } ] } ]
              - path: pki
                engine: pki
                ca: { commonName: CA }
                roles: [ { name: r, names: [ 'dns:{serviceAccount}.svc' ], ttl: 2h } ]
            """).Mounts;

        var postgres = Assert.IsType<AccountServerOptions.Postgres>(mounts[0].Accounts);
        Assert.Equal(("db", 5432, "shop", true, 8), (postgres.Connection.Host, postgres.Connection.Port, postgres.Connection.Database, postgres.Connection.Tls, postgres.Connection.Connections));
        Assert.Equal("owner", postgres.Roles[0].ReassignTo);
        Assert.Equal(1, postgres.ScramIterations);
        var mariaDb = Assert.IsType<AccountServerOptions.MariaDb>(mounts[1].Accounts);
        Assert.Equal((3306, null, false, 3, TimeSpan.FromSeconds(5)), (mariaDb.Connection.Port, mariaDb.Connection.Database, mariaDb.Connection.Tls, mariaDb.Connection.Connections, mariaDb.Connection.Timeout));
        Assert.True(Assert.IsType<AccountServerOptions.Redis>(mounts[2].Accounts).Saves);
        var rabbit = Assert.IsType<AccountServerOptions.RabbitMq>(mounts[3].Accounts);
        Assert.Equal((5671, 15671, "shop"), (rabbit.Connection.Port, rabbit.ManagementPort, rabbit.VirtualHost));
        Assert.Equal("^$", rabbit.Roles[0].Permissions[0].Write);
        Assert.Equal("CA", mounts[4].Pki!.CommonName);
        Assert.Equal(TimeSpan.FromHours(2), mounts[4].Dynamic!.Roles["r"].MaxTtl);
    }

    [Theory]
    [InlineData("{ path: a, engine: postgres, connection: { host: h, user: u, passwordFile: x }, roles: [ { name: r, create: [ 'DROP ROLE x; SELECT 1' ] } ] }", "semicolon")]
    [InlineData("{ path: a, engine: postgres, connection: { host: h, user: u, passwordFile: x } }", "'roles' is missing")]
    [InlineData("{ path: a, engine: postgres, connection: { host: h, user: u, passwordFile: missing }, roles: [] }", "does not exist")]
    [InlineData("{ path: a, engine: postgres, roles: [] }", "needs 'connection'")]
    [InlineData("{ path: a, engine: postgres, scramIterations: 0, connection: { host: h, user: u, passwordFile: x }, roles: [] }", "from 1 to 4096")]
    [InlineData("{ path: a, engine: mysql, scramIterations: 1, connection: { host: h, user: u, passwordFile: x }, roles: [] }", "scramIterations")]
    [InlineData("{ path: a, engine: mysql, connection: { host: h, user: u, passwordFile: x }, roles: [ { name: r, create: [ 'CREATE USER {{name}} IDENTIFIED BY {{password}}' ] } ] }", "must follow PASSWORD")]
    [InlineData("{ path: a, engine: mysql, connection: { host: h, user: u, passwordFile: x }, roles: [ { name: r, create: [ 'SELECT {{validUntil}}' ] } ] }", "no time")]
    [InlineData("{ path: a, engine: mysql, connection: { host: h, user: u, passwordFile: x }, roles: [ { name: r, create: [ 'CREATE USER {{name}} IDENTIFIED BY PASSWORD {{password}}' ], reassignTo: owner } ] }", "reassignTo")]
    [InlineData("{ path: a, engine: redis, connection: { host: h, user: u, passwordFile: x }, roles: [ { name: r, rules: [ nopass, +get ] } ] }", "no rule")]
    [InlineData("{ path: a, engine: redis, connection: { host: h, user: u, passwordFile: x }, roles: [ { name: r } ] }", "no rule allows")]
    [InlineData("{ path: a, engine: rabbitmq, connection: { host: h, user: u, passwordFile: x }, roles: [ { name: r, tags: [ administrator ], permissions: [ {} ] } ] }", "no tag")]
    [InlineData("{ path: a, engine: rabbitmq, connection: { host: h, user: u, passwordFile: x }, roles: [ { name: a/b } ] }", "one segment")]
    [InlineData("{ path: a, engine: postgres, connection: { host: h, user: u, passwordFile: x }, roles: [ { name: r, rotate: [ one ] } ] }", "the two accounts that take turns")]
    [InlineData("{ path: a, engine: postgres, connection: { host: h, user: u, passwordFile: x }, roles: [ { name: r, rotate: [ a, u ] } ] }", "'u' is the broker's own account")]
    [InlineData("{ path: a, engine: postgres, connection: { host: h, user: u, passwordFile: x }, roles: [ { name: r, rotate: [ a, b ] }, { name: s, rotate: [ b, c ] } ] }", "another role rotates 'b' too")]
    [InlineData("{ path: a, engine: postgres, connection: { host: h, user: u, passwordFile: x }, roles: [ { name: r, rotate: [ a, b ], grace: 2h } ] }", "from 0s to 1h")]
    [InlineData("{ path: a, engine: postgres, connection: { host: h, user: u, passwordFile: x }, roles: [ { name: r, rotate: [ a, b ], cron: never } ] }", "five fields")]
    [InlineData("{ path: a, engine: pki, ca: { commonName: c }, roles: [ { name: r, names: [ 'dns:a b' ] } ] }", "no DNS name")]
    [InlineData("{ path: a, engine: pki, ca: { commonName: c }, roles: [ { name: r, names: [ 'dns:a' ], ttl: 91d } ] }", "at most 90d")]
    [InlineData("{ path: a, engine: pki, roles: [ { name: r, names: [ 'dns:a' ], usages: [ all ] } ] }", "no usage")]
    public void What_could_not_work_is_said_before_anything_starts(string mount, string problem)
    {
        var refusal = Assert.Throws<InvalidYamlException>(() => Load($"mounts: [ {mount} ]"));
        Assert.Contains(problem, refusal.Message, StringComparison.Ordinal);
    }

    private BrokerOptions Load(string mounts) => BrokerOptions.Load(_directory.Write("broker.yaml", Rest + mounts));
}
