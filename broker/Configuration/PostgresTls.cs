namespace SidecarAgent.Broker.Configuration;

/// <summary>How far a PostgreSQL server is looked at, in the words of libpq's <c>sslmode</c>.</summary>
internal enum PostgresTls
{
    /// <summary><c>verify-full</c>: its certificate is from a CA that is believed, and names the host.</summary>
    VerifyFull,

    /// <summary><c>verify-ca</c>: it is from a CA that is believed.</summary>
    VerifyCa,

    /// <summary><c>disable</c>: no TLS at all.</summary>
    Disable,
}
