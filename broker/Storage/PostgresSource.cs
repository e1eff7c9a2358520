using Npgsql;
using SidecarAgent.Broker.Configuration;
using SidecarAgent.Broker.Engines.Accounts;

namespace SidecarAgent.Broker.Storage;

/// <summary>How connections to the broker's own PostgreSQL database are made.</summary>
internal static class PostgresSource
{
    /// <summary>
    /// What each session is told when it begins. Only tables of its own schema are found. The server notices that the
    /// broker's machine is gone, and gives the claim on the database free, within 25 s; later than the broker notices
    /// that the server is.
    /// </summary>
    private const string SessionSettings =
        "-c search_path=public -c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3 "
        + "-c idle_in_transaction_session_timeout=0 -c lock_timeout=0 -c timezone=UTC -c datestyle=ISO";

    public static NpgsqlDataSource Make(StorageOptions.Postgres options)
    {
        var seconds = (int)Math.Ceiling(options.Timeout.TotalSeconds);
        var settings = new NpgsqlConnectionStringBuilder
        {
            Host = options.Host,
            Port = options.Port,
            Database = options.Database,
            Username = options.User,
            SslMode = options.Tls switch
            {
                PostgresTls.VerifyFull => SslMode.VerifyFull,
                PostgresTls.VerifyCa => SslMode.VerifyCA,
                _ => SslMode.Disable,
            },
            RootCertificate = options.CaFile,
            SslCertificate = options.CertFile,
            SslKey = options.KeyFile,
            GssEncryptionMode = GssEncryptionMode.Disable,
            Timeout = seconds,
            CommandTimeout = seconds,
            // Its sessions are kept by the broker itself, each for as long as it is good.
            Pooling = false,
            MaxAutoPrepare = 100,
            AutoPrepareMinUsages = 2,
            ApplicationName = "sidecar-broker",
            Options = SessionSettings,
            IncludeErrorDetail = false,
            IncludeFailedBatchedCommand = false,
        };
        // A Unix socket refuses it, and has no need: when the other side is gone, both know.
        if (!StorageOptions.Postgres.IsSocket(options.Host))
            (settings.TcpKeepAlive, settings.TcpKeepAliveTime, settings.TcpKeepAliveInterval) = (true, 5, 5);
        var builder = new NpgsqlSlimDataSourceBuilder(settings.ConnectionString);
        builder.EnableTransportSecurity();
        if (options.PasswordFile is { } file)
        {
            builder.UsePasswordProvider(
                _ => AdminPassword.Read(file), (_, _) => new ValueTask<string>(AdminPassword.Read(file)));
        }

        return builder.Build();
    }
}
