using SidecarAgent.Broker.Engines.Accounts;
using SidecarAgent.Broker.Engines.MariaDb;
using SidecarAgent.Broker.Engines.Postgres;
using SidecarAgent.Broker.Engines.RabbitMq;
using SidecarAgent.Broker.Engines.Redis;
using SidecarAgent.Broker.Secrets;
using SidecarAgent.Yaml;

namespace SidecarAgent.Broker.Configuration;

/// <summary>Reads, of a mount, the server that its accounts are on, and what the accounts of its roles may do.</summary>
internal sealed class AccountServerReader(ConfiguredFiles files)
{
    /// <returns>Null: the engine needs no such server.</returns>
    public AccountServerOptions? Read(YamlMap mount, EngineKind engine) => engine switch
    {
        EngineKind.Postgres => new AccountServerOptions.Postgres(
            Connection(mount, 5432, database: "postgres"), [.. Roles(mount).Select(role => Statements(role, PostgresGrammar.Statements))],
            mount.WholeNumber("scramIterations", ScramVerifier.UsualIterations, 1, ScramVerifier.UsualIterations)),
        EngineKind.MySql => new AccountServerOptions.MariaDb(
            Connection(mount, 3306, database: ""), [.. Roles(mount).Select(role => Statements(role, MariaDbGrammar.Statements))]),
        EngineKind.Redis => new AccountServerOptions.Redis(
            Connection(mount, 6379, database: null), [.. Roles(mount).Select(RedisRules)],
            mount.Map("connection").Boolean("saveUsers", false)),
        EngineKind.RabbitMq => ReadRabbit(mount),
        _ => null,
    };

    private AccountServerOptions.RabbitMq ReadRabbit(YamlMap mount)
    {
        var map = mount.Map("connection");
        var tls = map.OneOf("tls", "on", "on", "off") == "on";
        return new AccountServerOptions.RabbitMq(
            Connection(mount, tls ? 5671 : 5672, database: null),
            map.WholeNumber("managementPort", tls ? 15671 : 15672, 1, ushort.MaxValue),
            map.OptionalText("vhost") ?? "/",
            [.. Roles(mount).Select(RabbitRights)]);
    }

    private AccountConnection Connection(YamlMap mount, int port, string? database)
    {
        var map = mount.Map("connection");
        return new AccountConnection
        {
            Host = map.Text("host"),
            Port = map.WholeNumber("port", port, 1, ushort.MaxValue),
            Database = database is null ? null : (map.OptionalText("database") ?? database) is { Length: > 0 } named ? named : null,
            User = map.Text("user"),
            PasswordFile = files.Readable(map, "passwordFile", "put the password of the broker's own account there"),
            Tls = map.OneOf("tls", "on", "on", "off") == "on",
            CaFile = files.OptionalReadable(map, "caFile", "put the certificate of the server's CA there, in PEM"),
            Connections = mount.WholeNumber("concurrency", AccountConnection.DefaultConnections, 1, 64),
            Timeout = mount.Duration("timeout", AccountConnection.DefaultTimeout),
        };
    }

    /// <summary>The roles whose names are good; problems of the others are noted.</summary>
    public static IEnumerable<YamlMap> Roles(YamlMap mount)
    {
        var names = new HashSet<string>();
        foreach (var role in mount.Maps("roles"))
        {
            var name = role.Text("name");
            if (name.Length > 0 && (name.Contains('/') || !SecretPath.TryParse($"role/{name}", out _, out _)))
                role.Report("name", "a role's name is one segment of letters, digits, '.', '_' and '-'");
            else if (!names.Add(name))
                role.Report("name", $"there is another role '{name}'");
            else if (!RotatedRoleReader.IsRotated(role))
                yield return role;
        }

        if (names.Count == 0)
            mount.Report("'roles' is missing: what accounts are made for, such as { name: orders, ... }");
    }

    private static RoleStatements Statements(YamlMap role, StatementGrammar grammar) => RoleStatements.Parse(
        grammar, role.Text("name"), role.Texts("create"), role.Texts("drop"),
        // In MariaDB nobody owns anything, and the key is none.
        grammar == PostgresGrammar.Statements ? role.OptionalText("reassignTo") : null, role.Report);

    private static RedisRole RedisRules(YamlMap role) =>
        RedisRole.Parse(role.Text("name"), role.Texts("rules"), problem => role.Report("rules", problem));

    private static RabbitRole RabbitRights(YamlMap role)
    {
        var tags = role.Texts("tags");
        foreach (var tag in tags.Except(RabbitRole.KnownTags))
            role.Report("tags", $"'{tag}' is no tag that a role can have; expected {string.Join(", ", RabbitRole.KnownTags)}");
        var permissions = role.Maps("permissions").Select(map => new RabbitPermission(
            map.OptionalText("vhost") ?? "/", Pattern(map, "configure"), Pattern(map, "write"), Pattern(map, "read"))).ToList();
        if (permissions.Count == 0)
            role.Report("'permissions' is missing: such as { vhost: /, configure: '^$', write: '^orders$', read: '^orders$' }");
        return new RabbitRole(role.Text("name"), tags, permissions);
    }

    /// <summary>An empty one allows nothing.</summary>
    private static string Pattern(YamlMap map, string key)
    {
        var pattern = map.OptionalText(key) ?? "^$";
        if (RabbitPermission.ProblemOfPattern(pattern) is { } problem)
            map.Report(key, problem);
        return pattern;
    }
}
