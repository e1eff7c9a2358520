using Npgsql;
using SidecarAgent.Broker.Engines.Accounts;

namespace SidecarAgent.Broker.Engines.Postgres;

/// <summary>How connections to a PostgreSQL are made: the broker's own, pooled, and single ones that try a login.</summary>
internal static class PostgresConnections
{
    public static NpgsqlDataSource Pool(AccountConnection to)
    {
        var settings = Settings(to);
        settings.Username = to.User;
        settings.Pooling = true;
        settings.MinPoolSize = 0;
        settings.MaxPoolSize = to.Connections;
        settings.ConnectionIdleLifetime = 60;
        // Nothing that the broker does on a connection outlives its transaction, so nothing is to be reset.
        settings.NoResetOnClose = true;
        settings.KeepAlive = 30;
        var builder = new NpgsqlSlimDataSourceBuilder(settings.ConnectionString);
        builder.EnableTransportSecurity();
        builder.UsePasswordProvider(
            _ => AdminPassword.Read(to.PasswordFile),
            (_, _) => new ValueTask<string>(AdminPassword.Read(to.PasswordFile)));
        return builder.Build();
    }

    /// <summary>A source of one connection that is closed for good when it is given back.</summary>
    public static NpgsqlDataSource Single(AccountConnection to, AccountName name, string password)
    {
        var settings = Settings(to);
        settings.Username = name.Value;
        settings.Pooling = false;
        var builder = new NpgsqlSlimDataSourceBuilder(settings.ConnectionString);
        builder.EnableTransportSecurity();
        builder.UsePasswordProvider(_ => password, (_, _) => new ValueTask<string>(password));
        return builder.Build();
    }

    private static NpgsqlConnectionStringBuilder Settings(AccountConnection to)
    {
        var seconds = (int)Math.Ceiling(to.Timeout.TotalSeconds);
        return new NpgsqlConnectionStringBuilder
        {
            Host = to.Host,
            Port = to.Port,
            Database = to.Database,
            SslMode = to.Tls ? SslMode.VerifyFull : SslMode.Disable,
            RootCertificate = to.CaFile,
            Timeout = seconds,
            CommandTimeout = seconds,
            ApplicationName = "sidecar-broker",
            // What a text means must not depend on how the server is configured.
            Options = "-c standard_conforming_strings=on",
            // A message that names a statement would hold a hash.
            IncludeErrorDetail = false,
            IncludeFailedBatchedCommand = false,
        };
    }
}
