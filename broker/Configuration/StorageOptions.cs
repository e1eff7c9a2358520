using SidecarAgent.Broker.Storage;

namespace SidecarAgent.Broker.Configuration;

/// <summary><c>storage</c>: where the broker keeps what it knows.</summary>
internal abstract record StorageOptions
{
    /// <summary>How messages call it.</summary>
    public abstract string Name { get; }

    /// <summary>Nothing is opened yet.</summary>
    /// <param name="logger">Is told what is doubtful about it.</param>
    public abstract Store Store(ILogger logger);

    /// <summary><c>storage.sqlite</c>.</summary>
    /// <param name="File">Created if missing.</param>
    public sealed record Sqlite(string File) : StorageOptions
    {
        public override string Name => File;

        public override Store Store(ILogger logger) => new SqliteStore(File);
    }

    /// <summary><c>storage.postgres</c>: a database of the broker's own on a PostgreSQL server.</summary>
    public sealed record Postgres : StorageOptions
    {
        public const int DefaultPort = 5432;

        public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(10);

        /// <summary><c>host</c>: a name, an address, or the directory of a Unix socket.</summary>
        public required string Host { get; init; }

        /// <summary><c>port</c>.</summary>
        public int Port { get; init; } = DefaultPort;

        /// <summary><c>database</c>: it must be there, and be nobody else's.</summary>
        public required string Database { get; init; }

        /// <summary><c>user</c>.</summary>
        public required string User { get; init; }

        /// <summary><c>passwordFile</c>: read again for every connection, so that it may change; null: none is given.</summary>
        public string? PasswordFile { get; init; }

        /// <summary><c>certFile</c>: a certificate for the login; read again for every connection; null: none.</summary>
        public string? CertFile { get; init; }

        /// <summary><c>keyFile</c>: its key.</summary>
        public string? KeyFile { get; init; }

        /// <summary><c>sslMode</c>.</summary>
        public PostgresTls Tls { get; init; } = PostgresTls.VerifyFull;

        /// <summary><c>caFile</c>: the only CAs that the server is believed by; null: those of the system.</summary>
        public string? CaFile { get; init; }

        /// <summary><c>timeout</c>: of connecting, and of one statement.</summary>
        public TimeSpan Timeout { get; init; } = DefaultTimeout;

        /// <summary>Nothing leaves this machine on the way to the server.</summary>
        public bool IsLocal => IsSocket(Host) || Host is "localhost" or "127.0.0.1" or "::1";

        public override string Name => $"{Database} on {(IsSocket(Host) ? Host : $"{Host}:{Port}")}";

        public static bool IsSocket(string host) => host.StartsWith('/');

        public override Store Store(ILogger logger) => new PostgresStore(this, logger);
    }
}
