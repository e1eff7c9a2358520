using SidecarAgent.Yaml;

namespace SidecarAgent.Broker.Configuration;

/// <summary>Reads where the broker keeps what it knows.</summary>
internal sealed class StorageOptionsReader(ConfiguredFiles files)
{
    /// <summary>Words of libpq that encrypt without looking whom to, or not even that.</summary>
    private static readonly string[] Unsafe = ["allow", "prefer", "require"];

    private static readonly TimeSpan ShortestTimeout = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestTimeout = TimeSpan.FromMinutes(1);

    public StorageOptions Read(YamlMap root)
    {
        var storage = root.Map("storage");
        var postgres = storage.OptionalMap("postgres");
        var hasFile = storage.Has("sqlite");
        if (postgres is not null && hasFile)
            storage.Report("'storage' has both 'sqlite' and 'postgres'; the broker keeps its data in one of them");
        else if (postgres is null && !hasFile && !storage.Has("postgres"))
            storage.Report("'storage' needs 'sqlite' (a file) or 'postgres' (a server)");
        return postgres is null
            ? new StorageOptions.Sqlite(hasFile ? files.Written(storage, "sqlite") : "")
            : Postgres(postgres);
    }

    private StorageOptions.Postgres Postgres(YamlMap map)
    {
        var host = map.Text("host");
        var options = new StorageOptions.Postgres
        {
            Host = host,
            Port = map.WholeNumber("port", StorageOptions.Postgres.DefaultPort, 1, ushort.MaxValue),
            Database = map.Text("database"),
            User = map.Text("user"),
            PasswordFile = files.OptionalReadable(map, "passwordFile", "put the password of the broker's account there"),
            CertFile = files.OptionalReadable(map, "certFile", "put the certificate of the broker's account there, in PEM"),
            KeyFile = files.OptionalReadable(map, "keyFile", "put the key of that certificate there, in PEM"),
            Tls = Tls(map, host),
            CaFile = files.OptionalReadable(map, "caFile", "put the certificate of the server's CA there, in PEM"),
            Timeout = map.Duration("timeout", StorageOptions.Postgres.DefaultTimeout),
        };
        if (options.CertFile is null != options.KeyFile is null)
            map.Report("'certFile' and 'keyFile' belong together");
        if (options.PasswordFile is null && options.CertFile is null && !StorageOptions.Postgres.IsSocket(host))
            map.Report("'postgres' needs 'passwordFile', or 'certFile' and 'keyFile'");
        if (options.Tls == PostgresTls.Disable && (options.CaFile ?? options.CertFile) is not null)
            map.Report("sslMode", "'caFile' and 'certFile' mean nothing without TLS; leave them out, or leave 'sslMode: disable' out");
        if (options.Timeout < ShortestTimeout || options.Timeout > LongestTimeout)
            map.Report("timeout", "'timeout' must be from 1s to 1m");
        return options;
    }

    private static PostgresTls Tls(YamlMap map, string host)
    {
        if (map.OptionalText("sslMode") is { } word && Unsafe.Contains(word))
        {
            map.Report("sslMode", $"'sslMode: {word}' gives secrets to whoever answers; expected verify-full, verify-ca or disable");
            return PostgresTls.VerifyFull;
        }

        var socket = StorageOptions.Postgres.IsSocket(host);
        var mode = map.OneOf("sslMode", socket ? "disable" : "verify-full", "verify-full", "verify-ca", "disable");
        if (socket && mode != "disable")
            map.Report("sslMode", "there is no TLS over a Unix socket; leave 'sslMode' out");
        return mode switch
        {
            "disable" => PostgresTls.Disable,
            "verify-ca" => PostgresTls.VerifyCa,
            _ => PostgresTls.VerifyFull,
        };
    }
}
