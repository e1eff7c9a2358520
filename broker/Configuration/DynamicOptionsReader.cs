using SidecarAgent.Broker.Engines.Accounts;
using SidecarAgent.Broker.Engines.Postgres;
using SidecarAgent.Broker.Secrets;
using SidecarAgent.Yaml;

namespace SidecarAgent.Broker.Configuration;

/// <summary>Reads what a mount says whose engine makes accounts outside: the connection, and the roles.</summary>
internal sealed class DynamicOptionsReader(ConfiguredFiles files)
{
    private const int LongestRole = 64;

    public DynamicOptions Read(YamlMap mount, EngineKind engine)
    {
        var roles = new List<RoleOptions>();
        foreach (var map in mount.Maps("roles"))
        {
            var role = Role(map, engine);
            if (role.Name.Length > 0 && roles.Exists(other => other.Name == role.Name))
                map.Report("name", $"the role '{role.Name}' is configured already");
            roles.Add(role);
        }

        if (roles.Count == 0)
            mount.Report("roles", "expected at least one role, such as { name: orders, create: [ ... ] }");
        return new DynamicOptions(Connection(mount.Map("connection"), engine), roles);
    }

    private AccountConnection Connection(YamlMap map, EngineKind engine)
    {
        var timeout = map.Duration("timeout", TimeSpan.FromSeconds(10));
        if (timeout < TimeSpan.FromSeconds(1) || timeout > TimeSpan.FromMinutes(5))
            map.Report("timeout", "'timeout' must be from 1s to 5m");
        return new AccountConnection
        {
            Host = map.Text("host"),
            Port = map.WholeNumber("port", DefaultPort(engine), 1, 65535),
            Database = map.Text("database"),
            User = map.Text("user"),
            PasswordFile = files.Readable(map, "passwordFile", "put the password of the broker's own account there"),
            Tls = map.OneOf("tls", "on", "on", "off") == "on",
            CaFile = files.OptionalReadable(map, "caFile", "put the CA there that the server's certificate comes from, in PEM"),
            Connections = map.WholeNumber("connections", AccountConnection.DefaultConnections, 1, 64),
            Timeout = timeout,
        };
    }

    private static RoleOptions Role(YamlMap map, EngineKind engine)
    {
        var name = map.Text("name");
        if (name.Length > 0
            && (name.Length > LongestRole || name.Contains('/') || !SecretPath.TryParse($"mount/creds/{name}", out _, out _)))
        {
            map.Report("name", $"a role's name has at most {LongestRole} letters, digits, '.', '_' and '-'");
        }

        var (ttl, maxTtl) = LifetimeReader.Read(map);
        if (!map.Has("create"))
            map.Report("a role needs 'create'");
        var statements = RoleStatements.Parse(
            Grammar(engine), name, map.Texts("create"), map.Texts("drop"), map.OptionalText("reassignTo"),
            (list, problem) => map.Report(list, problem));
        return new RoleOptions(name, ttl, maxTtl, statements);
    }

    private static StatementGrammar Grammar(EngineKind engine) => engine switch
    {
        EngineKind.Postgres => PostgresGrammar.Statements,
        _ => throw new InvalidOperationException($"No statements for {engine}."),
    };

    private static int DefaultPort(EngineKind engine) => engine switch
    {
        EngineKind.Postgres => 5432,
        _ => throw new InvalidOperationException($"No port for {engine}."),
    };
}
