using MySqlConnector;
using SidecarAgent.Broker.Engines.Accounts;

namespace SidecarAgent.Broker.Engines.MariaDb;

/// <summary>How connections to a MariaDB are made: the broker's own, pooled, and single ones that try a login.</summary>
internal static class MariaDbConnections
{
    /// <summary>What a text means must not depend on how the server is configured.</summary>
    private const string Mode = "SET SESSION sql_mode = 'STRICT_TRANS_TABLES,NO_AUTO_CREATE_USER'";

    public static MySqlDataSource Pool(AccountConnection to)
    {
        var settings = Settings(to);
        settings.UserID = to.User;
        settings.Pooling = true;
        settings.MinimumPoolSize = 0;
        settings.MaximumPoolSize = (uint)to.Connections;
        settings.ConnectionIdleTimeout = 60;
        // A reset would undo the mode, and nothing else that the broker does outlives its statement.
        settings.ConnectionReset = false;
        return new MySqlDataSourceBuilder(settings.ConnectionString).UseConnectionOpenedCallback(SetModeAsync).Build();
    }

    /// <summary>One of the pool's; a new one logs in with the password that is in the file now.</summary>
    public static async Task<MySqlConnection> OpenAsync(MySqlDataSource pool, AccountConnection to, CancellationToken cancellationToken)
    {
        var connection = pool.CreateConnection();
        try
        {
            connection.ProvidePasswordCallback = _ => AdminPassword.Read(to.PasswordFile);
            await connection.OpenAsync(cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>A connection that is closed for good when it is disposed.</summary>
    public static MySqlConnection Single(AccountConnection to, AccountName name, string password)
    {
        var settings = Settings(to);
        settings.UserID = name.Value;
        settings.Password = password;
        settings.Pooling = false;
        return new MySqlConnection(settings.ConnectionString);
    }

    private static async ValueTask SetModeAsync(MySqlConnectionOpenedContext context, CancellationToken cancellationToken)
    {
        if ((context.Conditions & MySqlConnectionOpenedConditions.New) == 0)
            return;
        await using var command = new MySqlCommand(Mode, context.Connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static MySqlConnectionStringBuilder Settings(AccountConnection to)
    {
        var seconds = (uint)Math.Ceiling(to.Timeout.TotalSeconds);
        return new MySqlConnectionStringBuilder
        {
            Server = to.Host,
            Port = (uint)to.Port,
            Database = to.Database ?? "",
            SslMode = to.Tls ? MySqlSslMode.VerifyFull : MySqlSslMode.Disabled,
            SslCa = to.CaFile ?? "",
            ConnectionTimeout = seconds,
            DefaultCommandTimeout = seconds,
            ApplicationName = "sidecar-broker",
            // Never in the clear, whatever a false server asks for.
            AllowPublicKeyRetrieval = false,
            AllowLoadLocalInfile = false,
        };
    }
}
