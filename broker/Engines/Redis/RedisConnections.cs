using SidecarAgent.Broker.Engines.Accounts;
using StackExchange.Redis;
using StackExchange.Redis.Configuration;

namespace SidecarAgent.Broker.Engines.Redis;

/// <summary>
/// The broker's one connection to a Redis, made when it is first needed. Commands of many callers share it; the library
/// makes it again when it is lost.
/// </summary>
internal sealed class RedisConnections(AccountConnection to) : IAsyncDisposable
{
    private readonly SemaphoreSlim _one = new(1);
    private ConnectionMultiplexer? _connection;

    /// <exception cref="RedisConnectionException">It cannot be reached, or does not let the broker in.</exception>
    public async Task<IDatabase> GetAsync(CancellationToken cancellationToken)
    {
        if (_connection is { } open)
            return open.GetDatabase();
        await _one.WaitAsync(cancellationToken);
        try
        {
            _connection ??= await ConnectionMultiplexer.ConnectAsync(Settings());
            return _connection.GetDatabase();
        }
        finally
        {
            _one.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is not null)
            await _connection.DisposeAsync();
        _one.Dispose();
    }

    private ConfigurationOptions Settings()
    {
        var milliseconds = (int)to.Timeout.TotalMilliseconds;
        var settings = new ConfigurationOptions
        {
            EndPoints = { { to.Host, to.Port } },
            Defaults = new CurrentPassword(to.PasswordFile),
            User = to.User,
            Ssl = to.Tls,
            SslHost = to.Host,
            ConnectTimeout = milliseconds,
            AsyncTimeout = milliseconds,
            ConnectRetry = 0,
            AbortOnConnectFail = true,
            AllowAdmin = true,
            ClientName = "sidecar-broker",
            // A command that waits for a lost connection would be carried out when nobody expects it any more.
            BacklogPolicy = BacklogPolicy.FailFast,
            HeartbeatInterval = TimeSpan.FromSeconds(5),
        };
        if (to.CaFile is { } file)
        {
            settings.CertificateValidation += (_, certificate, _, errors) =>
                certificate is not null && ServerTrust.IsTrusted(file, certificate, errors);
        }

        return settings;
    }

    /// <summary>Asked for the password at every login, also when the library connects again.</summary>
    private sealed class CurrentPassword(string file) : DefaultOptionsProvider
    {
        public override string Password => AdminPassword.Read(file);
    }
}
