using SidecarAgent.Broker.Credentials;
using SidecarAgent.Broker.Engines.Accounts;
using SidecarAgent.Broker.Tests.Engines;
using SidecarAgent.Broker.Tests.Storage;
using SidecarAgent.Testing.Servers;
using SidecarAgent.V1;

namespace SidecarAgent.Broker.Tests.Credentials;

/// <summary>A broker with a mount <c>database</c>, whose role <c>orders</c> makes accounts.</summary>
internal static class DynamicBroker
{
    public const string Path = "database/creds/orders";

    public const string Policies =
        """
        policies:
          - name: orders
            subjects: [ { namespace: shop, serviceAccount: '*' } ]
            grants:
              - { paths: [ kv/shop/*, database/creds/* ], ttl: 1h, maxTtl: 24h }
        """;

    /// <summary>On a real PostgreSQL.</summary>
    public static string On(PostgresServer server, string role = "ttl: 30m, maxTtl: 3h", string timeout = "10s", string name = "orders") =>
        $$$"""
        mounts:
          - { path: kv, engine: kv }
          - path: database
            engine: postgres
            connection:
              { host: localhost, port: {{{server.Port}}}, database: postgres, user: {{{PostgresServer.Admin}}},
                 passwordFile: {{{server.PasswordFile}}}, caFile: {{{server.CaFile}}} }
            timeout: {{{timeout}}}
            roles:
              - name: {{{name}}}
                {{{role.Replace(", ", "\n        ", StringComparison.Ordinal)}}}
                create: [ 'CREATE ROLE {{name}} LOGIN PASSWORD {{password}} VALID UNTIL {{validUntil}}' ]
        """;

    /// <summary>On accounts in memory.</summary>
    public static Task<RunningBroker> StartAsync(
        FakeAccounts accounts, TimeProvider clock, string role = "ttl: 30m, maxTtl: 3h", string policies = Policies, string more = "",
        TestStore? store = null, string timeout = "10s") =>
        RunningBroker.StartAsync(
            clock, policies, configuration: Configured(role, more, timeout), connect: _ => accounts, store: store);

    public static Task<RunningBroker> StartAsync(PostgresFixture postgres, TimeProvider? clock = null, string role = "ttl: 30m, maxTtl: 3h") =>
        RunningBroker.StartAsync(clock, Policies, configuration: On(postgres.Server, role));

    public static async Task<SecretUpdate> FetchOneAsync(this RunningBroker broker, string? token = null, string path = Path) =>
        (await broker.Client(token).FetchAsync(Requests.Fetch(path))).Updates.Single();

    public static AccountName User(this Issued issued) => AccountName.Stored(issued.Text(DynamicEngine.UserField));

    private static string Configured(string role, string more, string timeout) =>
        $$$"""
        mounts:
          - { path: kv, engine: kv }
          - path: database
            engine: postgres
            connection: { host: db.shop, database: orders, user: broker, passwordFile: password }
            timeout: {{{timeout}}}
            roles:
              - name: orders
                {{{role.Replace(", ", "\n        ", StringComparison.Ordinal)}}}
                create: [ 'CREATE ROLE {{name}} LOGIN PASSWORD {{password}} VALID UNTIL {{validUntil}}' ]
              - name: other
                create: [ 'CREATE ROLE {{name}} LOGIN PASSWORD {{password}} VALID UNTIL {{validUntil}}' ]
        {{{more}}}
        """;
}
