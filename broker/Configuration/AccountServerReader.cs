using SidecarAgent.Broker.Engines.Accounts;
using SidecarAgent.Broker.Engines.Postgres;
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
            Connection(mount, 5432, database: "postgres"), [.. Roles(mount).Select(role => Statements(role, PostgresGrammar.Statements))]),
        _ => null,
    };

    private AccountConnection Connection(YamlMap mount, int port, string? database)
    {
        var map = mount.Map("connection");
        return new AccountConnection
        {
            Host = map.Text("host"),
            Port = map.WholeNumber("port", port, 1, ushort.MaxValue),
            Database = database is null ? null : map.OptionalText("database") ?? database,
            User = map.Text("user"),
            PasswordFile = files.Readable(map, "passwordFile", "put the password of the broker's own account there"),
            Tls = map.OneOf("tls", "on", "on", "off") == "on",
            CaFile = files.OptionalReadable(map, "caFile", "put the certificate of the server's CA there, in PEM"),
            Connections = mount.WholeNumber("concurrency", AccountConnection.DefaultConnections, 1, 64),
            Timeout = mount.Duration("timeout", AccountConnection.DefaultTimeout),
        };
    }

    private static IEnumerable<YamlMap> Roles(YamlMap mount)
    {
        var names = new HashSet<string>();
        foreach (var role in mount.Maps("roles"))
        {
            var name = role.Text("name");
            if (name.Length > 0 && (name.Contains('/') || !SecretPath.TryParse($"role/{name}", out _, out _)))
                role.Report("name", "a role's name is one segment of letters, digits, '.', '_' and '-'");
            else if (!names.Add(name))
                role.Report("name", $"there is another role '{name}'");
            else
                yield return role;
        }

        if (names.Count == 0)
            mount.Report("'roles' is missing: what accounts are made for, such as { name: orders, ... }");
    }

    private static RoleStatements Statements(YamlMap role, StatementGrammar grammar) => RoleStatements.Parse(
        grammar, role.Text("name"), role.Texts("create"), role.Texts("drop"), role.OptionalText("reassignTo"), role.Report);
}
