namespace SidecarAgent.Broker.Storage;

/// <summary>
/// A database that the tables can live in, and that this process uses alone: each broker believes that it alone knows
/// what has changed.
/// </summary>
internal abstract class Store(SqlDialect dialect) : IAsyncDisposable
{
    /// <summary>A new token for each time that a database is opened by a process.</summary>
    protected string Owner { get; } = Guid.NewGuid().ToString("N");

    public SqlDialect Dialect => dialect;

    /// <summary>How messages call it.</summary>
    public abstract string Name { get; }

    /// <summary>How often a writer that has nothing to do looks whether its connection is there; null: it cannot go.</summary>
    public virtual TimeSpan? Beat => null;

    /// <summary>
    /// What the database was copied from, by what it says itself when it is opened; null: it is not known to be a copy.
    /// </summary>
    public string? CopyOf { get; protected set; }

    /// <summary>What the database is to say of itself from now on.</summary>
    public Origin Origin { get; protected set; } = new("", null, "");

    /// <summary>A session for reading.</summary>
    /// <exception cref="StorageUnavailableException">There is none now.</exception>
    public abstract Task<Session> OpenReaderAsync(CancellationToken cancellationToken);

    /// <summary>
    /// The one session that may write. The first time, the database is checked, claimed and its tables are brought up to
    /// date; later, when the session before was lost, it is made sure that nobody else has written meanwhile.
    /// </summary>
    /// <exception cref="CannotStartException">It cannot be used, or is not this broker's any more; the message says what to do.</exception>
    /// <exception cref="StorageUnavailableException">There is none now; later there may be.</exception>
    public abstract Task<Session> OpenWriterAsync(CancellationToken cancellationToken);

    public abstract ValueTask DisposeAsync();
}
