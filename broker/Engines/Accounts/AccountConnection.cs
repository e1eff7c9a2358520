namespace SidecarAgent.Broker.Engines.Accounts;

/// <summary>How the broker reaches an account server, with an account that may make others.</summary>
internal sealed record AccountConnection
{
    public const int DefaultConnections = 8;

    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(10);

    /// <summary><c>host</c>: a name or an address.</summary>
    public required string Host { get; init; }

    /// <summary><c>port</c>: of the protocol that the broker speaks with it.</summary>
    public required int Port { get; init; }

    /// <summary><c>database</c>: where one is named at the login; null: not used.</summary>
    public string? Database { get; init; }

    /// <summary><c>user</c>: the broker's own account.</summary>
    public required string User { get; init; }

    /// <summary><c>passwordFile</c>: its password; read again for every connection, so that it may change.</summary>
    public required string PasswordFile { get; init; }

    /// <summary><c>tls: off</c> makes it false. The server's certificate must name <see cref="Host"/>.</summary>
    public bool Tls { get; init; } = true;

    /// <summary><c>caFile</c>: the only CAs that the server is believed by; null: those of the system.</summary>
    public string? CaFile { get; init; }

    /// <summary><c>concurrency</c>: at most this many at once.</summary>
    public int Connections { get; init; } = DefaultConnections;

    /// <summary><c>timeout</c>: of connecting, and of one command.</summary>
    public TimeSpan Timeout { get; init; } = DefaultTimeout;

    /// <summary>How messages call the server.</summary>
    public string Where => $"{Host}:{Port}";

    /// <summary>What applications are told: <c>host</c>, <c>port</c> and, where there is one, <c>database</c>.</summary>
    public IReadOnlyDictionary<string, string> Address
    {
        get
        {
            var address = new Dictionary<string, string> { ["host"] = Host, ["port"] = $"{Port}" };
            if (Database is not null)
                address["database"] = Database;
            return address;
        }
    }
}
