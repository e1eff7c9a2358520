using System.Globalization;
using System.Net;
using System.Net.Sockets;
using SidecarAgent.Broker.Engines;
using SidecarAgent.Broker.Secrets;
using SidecarAgent.Yaml;

namespace SidecarAgent.Broker.Configuration;

/// <summary>Turns the YAML into <see cref="BrokerOptions"/>. Problems are noted in the file, and reading goes on.</summary>
internal sealed class BrokerOptionsReader(ConfiguredFiles files)
{
    private static readonly TimeSpan LongestLease = TimeSpan.FromDays(365);

    /// <summary>Names of engines as configurations say them.</summary>
    private static readonly Dictionary<string, EngineKind> Kinds = new()
    {
        ["kv"] = EngineKind.Kv,
        ["postgres"] = EngineKind.Postgres,
        ["mysql"] = EngineKind.MySql,
        ["redis"] = EngineKind.Redis,
        ["rabbitmq"] = EngineKind.RabbitMq,
        ["pki"] = EngineKind.Pki,
    };

    public BrokerOptions Read(YamlMap root)
    {
        var tls = new TlsOptionsReader(files).Read(root.Map("tls"));
        var storage = new StorageOptionsReader(files).Read(root);
        var key = new KeyOptionsReader(files).Read(root);
        var audit = new AuditOptionsReader(files).Read(root);
        var issuers = new IssuerOptionsReader(files).ReadAll(root);
        return new BrokerOptions
        {
            Listen = Endpoint(root, "listen", 8443),
            MetricsListen = Endpoint(root, "metricsListen", 9464),
            Tls = tls,
            Storage = storage,
            Key = key,
            Audit = audit,
            Issuers = issuers,
            Admins = new AdminOptionsReader(files).Read(root, issuers),
            PolicyDirectory = files.ExistingDirectory(root, "policies"),
            Mounts = Mounts(root),
            Limits = LimitOptionsReader.Read(root),
            Leases = Leases(root),
            Detection = DetectionOptionsReader.Read(root),
            Rotation = Rotation(root),
        };
    }

    private static IPEndPoint Endpoint(YamlMap map, string key, int defaultPort)
    {
        if (!map.Has(key))
            return new IPEndPoint(IPAddress.Any, defaultPort);
        if (TryParseEndpoint(map.Text(key)) is { } endpoint)
            return endpoint;
        map.Report(key, $"'{key}' must be an IP address or localhost, and a port, such as 0.0.0.0:{defaultPort} or [::]:{defaultPort}");
        return new IPEndPoint(IPAddress.Any, defaultPort);
    }

    private static IPEndPoint? TryParseEndpoint(string text)
    {
        var colon = text.LastIndexOf(':');
        if (colon < 0
            || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port))
            return null;
        var host = text[..colon];
        if (host == "localhost")
            return new IPEndPoint(IPAddress.Loopback, port);
        if (host is ['[', .. var inner, ']'])
            return IPAddress.TryParse(inner, out var six) && six.AddressFamily == AddressFamily.InterNetworkV6
                ? new IPEndPoint(six, port)
                : null;
        // Four parts, because TryParse would take "1" for 0.0.0.1.
        return host.Count(c => c == '.') == 3 && IPAddress.TryParse(host, out var four)
            ? new IPEndPoint(four, port)
            : null;
    }

    private List<MountOptions> Mounts(YamlMap root)
    {
        if (!root.Has("mounts"))
            return [new MountOptions("kv", EngineKind.Kv)];

        var mounts = new List<MountOptions>();
        foreach (var map in root.Maps("mounts"))
        {
            var path = map.Text("path");
            if (path.Length > 0 && (path.Contains('/') || !SecretPath.TryParse($"{path}/name", out _, out _)))
                map.Report("path", "a mount's path is one segment of letters, digits, '.', '_' and '-'");
            else if (mounts.Any(mount => mount.Path == path && path.Length > 0))
                map.Report("path", $"another engine is already mounted at '{path}'");

            var engine = map.Text("engine");
            if (engine.Length > 0 && !Kinds.ContainsKey(engine))
                map.Report("engine", $"there is no engine '{engine}'; expected {string.Join(", ", Kinds.Keys)}");
            var kind = Kinds.GetValueOrDefault(engine);
            var accounts = new AccountServerReader(files).Read(map, kind);
            var pki = kind == EngineKind.Pki ? PkiOptionsReader.Read(map) : null;
            var dynamic = accounts is null && pki is null ? null : DynamicOptionsReader.Read(map);
            mounts.Add(new MountOptions(path, kind, accounts)
            {
                MaxVersions = kind == EngineKind.Kv
                    ? map.WholeNumber("maxVersions", KeyValueEngine.DefaultVersions, 1, 10_000)
                    : KeyValueEngine.DefaultVersions,
                Dynamic = pki is null ? dynamic : PkiOptionsReader.Leased(dynamic!),
                Pki = pki,
                Rotated = accounts is null ? [] : RotatedRoleReader.Read(map),
            });
        }

        if (mounts.Count == 0)
            root.Report("mounts", "expected at least one mount, such as { path: kv, engine: kv }");
        return mounts;
    }

    private static LeaseOptions Leases(YamlMap root)
    {
        if (root.OptionalMap("leases") is not { } map)
            return LeaseOptions.Default;
        var ttl = map.Duration("ttl", LeaseOptions.Default.Ttl);
        var maxTtl = map.Duration("maxTtl", LeaseOptions.Default.MaxTtl);
        if (ttl < TimeSpan.FromSeconds(1) || ttl > LongestLease)
            map.Report("ttl", "'ttl' must be from 1s to 365d");
        if (maxTtl < TimeSpan.FromSeconds(1) || maxTtl > LongestLease)
            map.Report("maxTtl", "'maxTtl' must be from 1s to 365d");
        if (maxTtl < ttl)
            map.Report("'maxTtl' (24h unless set) must not be shorter than 'ttl' (1h unless set)");
        var giveUpAfter = map.Duration("giveUpAfter", LeaseOptions.Default.GiveUpAfter);
        if (giveUpAfter < TimeSpan.FromMinutes(1) || giveUpAfter > TimeSpan.FromDays(30))
            map.Report("giveUpAfter", "'giveUpAfter' must be from 1m to 30d");
        return new LeaseOptions(ttl, maxTtl) { GiveUpAfter = giveUpAfter };
    }

    private static RotationOptions Rotation(YamlMap root)
    {
        if (root.OptionalMap("rotation") is not { } map)
            return RotationOptions.Default;
        var deadline = map.Duration("deadline", RotationOptions.Default.Deadline);
        if (deadline < RotationOptions.Shortest || deadline > RotationOptions.Longest)
            map.Report("deadline", "'deadline' must be from 1s to 30d");
        return new RotationOptions(deadline);
    }
}
