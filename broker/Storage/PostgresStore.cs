using Npgsql;
using SidecarAgent.Broker.Configuration;

namespace SidecarAgent.Broker.Storage;

/// <summary>
/// A database of a PostgreSQL server. Whoever holds its advisory lock owns it, and only the session that holds the lock
/// writes: the server gives the lock free when that session is gone, so nothing that it was told is done after it.
/// docs/adr/0017 has the reasons.
/// </summary>
internal sealed partial class PostgresStore(StorageOptions.Postgres options, ILogger logger) : Store(SqlDialect.Postgres)
{
    private const int MostBackends = 64;

    private readonly NpgsqlDataSource _source = PostgresSource.Make(options);
    private PostgresPlace? _place;
    /// <summary>Of the last sessions that might write, also of those that were lost while they were being checked.</summary>
    private readonly Queue<PostgresBackend> _backends = new();

    public override string Name => options.Name;

    public override TimeSpan? Beat => TimeSpan.FromSeconds(1);

    public override async Task<Session> OpenReaderAsync(CancellationToken cancellationToken)
    {
        try
        {
            return new Session(await _source.OpenConnectionAsync(cancellationToken), Dialect);
        }
        catch (Exception e) when (PostgresProblem.IsOne(e))
        {
            throw Unavailable(e);
        }
    }

    public override async Task<Session> OpenWriterAsync(CancellationToken cancellationToken)
    {
        NpgsqlConnection? connection = null;
        Session? session = null;
        try
        {
            connection = await _source.OpenConnectionAsync(cancellationToken);
            session = new Session(connection, Dialect);
            var backend = await PostgresServerCheck.RunAsync(session, Name, connection.ProcessID, logger, cancellationToken);
            Remember(backend);
            await ClaimAsync(session, cancellationToken);
            await Schema.MigrateAsync(session, Name, cancellationToken);
            await OwnAsync(session, cancellationToken);
            return session;
        }
        catch (Exception e)
        {
            // Whatever is asked of a connection that has just been lost fails in ways of its own.
            var isOne = PostgresProblem.IsOne(e) || (e is InvalidOperationException && session?.IsLost == true);
            if (session is not null)
                await session.DisposeAsync();
            if (!isOne)
                throw;
            // It was there before: it may be again.
            if (_place is not null)
                throw Unavailable(e);
            throw new CannotStartException(PostgresProblem.Explain(options, e), e);
        }
    }

    public override ValueTask DisposeAsync() => _source.DisposeAsync();

    /// <summary>Takes the lock that only one session of the database can have.</summary>
    private async Task ClaimAsync(Session session, CancellationToken cancellationToken)
    {
        if (await PostgresClaim.TryAsync(session, cancellationToken))
            return;
        var holder = await PostgresClaim.HolderAsync(session, cancellationToken);
        if (_place is null)
        {
            throw new CannotStartException(
                $"The database {Name} is in use by another broker{holder}. Stop that one first; if its machine is gone, "
                + "end its session on the server with pg_terminate_backend.");
        }

        if ((await OriginTable.ReadAsync(session, cancellationToken)).Owner != Owner)
            throw Lost(holder.ToString());
        // The server has not noticed yet that a session of this broker's own is gone.
        if (holder.Backend is { } backend && _backends.Contains(backend))
            await PostgresClaim.EndAsync(session, backend, cancellationToken);
        throw new StorageUnavailableException(
            $"The database {Name} is still claimed by a session{holder}.", new InvalidOperationException("The lock is taken."));
    }

    /// <summary>Writes down who owns the database, or makes sure that this broker still does.</summary>
    private async Task OwnAsync(Session session, CancellationToken cancellationToken)
    {
        var place = await PostgresPlace.FindAsync(session, cancellationToken);
        var origin = await OriginTable.ReadAsync(session, cancellationToken);
        if (_place is null)
        {
            if (origin.Home.Length > 0 && origin.Home != place.Home)
                CopyOf = "a dump, or moved to another server";
            await session.ExecuteAsync(Dialect.BeginWrite, cancellationToken);
            await OriginTable.WriteAsync(session, origin with { Owner = Owner }, cancellationToken);
            await session.ExecuteAsync("COMMIT", cancellationToken);
            Origin = new Origin(place.Home, null, Owner);
            _place = place;
            if (options.Tls == PostgresTls.Disable && !options.IsLocal)
                LogInTheClear(Name);
            return;
        }

        if (origin.Owner != Owner)
            throw Lost("");
        if (place != _place)
        {
            throw new CannotStartException(
                $"The database {Name} is not the one from before: its server failed over, or was restored. Of what was "
                + "confirmed some may be gone. Start the broker again, so that it knows nothing but what is there.");
        }
    }

    private void Remember(PostgresBackend backend)
    {
        _backends.Enqueue(backend);
        if (_backends.Count > MostBackends)
            _backends.Dequeue();
    }

    private CannotStartException Lost(string holder) => new(
        $"Another broker has taken the database {Name} over{holder} while this one had no connection to it. "
        + "Run one broker for each database.");

    private StorageUnavailableException Unavailable(Exception e) => new(PostgresProblem.Explain(options, e), e);

    [LoggerMessage(LogLevel.Warning, "The connection to the database {Name} is not encrypted (sslMode: disable), and the server is not on this machine.")]
    private partial void LogInTheClear(string name);
}
