using Npgsql;
using SidecarAgent.V1;

namespace SidecarAgent.Broker.Tests.Rotation;

/// <summary>One version of a credential in the hands of an application: who uses it, and when nobody does any more.</summary>
internal sealed class UsedCredential : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _used = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly NpgsqlDataSource _pool;
    private readonly string _logIn;
    private int _users;
    private int _logins;
    private bool _isRetired;

    /// <param name="issued">The version.</param>
    /// <param name="port">Of the server on loopback.</param>
    public UsedCredential(Issued issued, int port)
    {
        Version = issued.Version;
        var settings = new NpgsqlConnectionStringBuilder
        {
            Host = "127.0.0.1",
            Port = port,
            Database = "postgres",
            Username = issued.Text("username"),
            Password = issued.Text(),
            SslMode = SslMode.Disable,
            MaxPoolSize = 1,
            Timeout = 60,
            CommandTimeout = 60,
        };
        _pool = NpgsqlDataSource.Create(settings);
        settings.Pooling = false;
        _logIn = settings.ConnectionString;
    }

    public ulong Version { get; }

    /// <summary>Completes when it has let somebody in.</summary>
    public Task Used => _used.Task;

    /// <returns>False: the application has been given a newer one.</returns>
    public bool TryEnter()
    {
        lock (_lock)
        {
            if (!_isRetired)
                _users++;
            return !_isRetired;
        }
    }

    public void Leave()
    {
        lock (_lock)
        {
            if (--_users == 0 && _isRetired)
                _left.TrySetResult();
        }
    }

    /// <summary>
    /// Logs in anew the first time and every fifth; between them it takes a session of the pool, whose first one is a login,
    /// too, and asks something.
    /// </summary>
    public async Task LogInAsync()
    {
        if (Interlocked.Increment(ref _logins) % 5 == 1)
        {
            await using var fresh = new NpgsqlConnection(_logIn);
            await fresh.OpenAsync();
        }
        else
        {
            await using var command = _pool.CreateCommand("SELECT 1");
            await command.ExecuteScalarAsync();
        }

        _used.TrySetResult();
    }

    /// <summary>Nobody begins to use it from here on. Completes when those who do are done.</summary>
    public Task RetireAsync()
    {
        lock (_lock)
        {
            _isRetired = true;
            if (_users == 0)
                _left.TrySetResult();
            return _left.Task;
        }
    }

    public ValueTask DisposeAsync() => _pool.DisposeAsync();
}
