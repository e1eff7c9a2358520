namespace SidecarAgent.Broker.Configuration;

/// <summary>Who may call BrokerAdmin.</summary>
/// <param name="Socket"><c>socket</c>: a Unix socket whose file mode is the proof; null: none. At most one.</param>
/// <param name="Subjects">Callers over TLS, by the token that they bring.</param>
internal sealed record AdminOptions(string? Socket, IReadOnlyList<AdminSubject> Subjects)
{
    /// <summary><c>uids</c>, beside <c>socket</c>: whom of those that may open it; null: all of them.</summary>
    public IReadOnlySet<uint>? SocketUsers { get; init; }

    /// <summary>Callers over TLS, by the certificate that they show.</summary>
    public IReadOnlyList<AdminCertificate> Certificates { get; init; } = [];
}

/// <summary><c>clientCertificate</c>: an operator who proves himself with a certificate.</summary>
/// <param name="CaFile"><c>caFile</c>: the only CA it may come from, PEM. Required.</param>
/// <param name="Subject"><c>subject</c>: its subject, compared exactly, such as <c>CN=alice</c>; null: any.</param>
/// <param name="Uri"><c>uri</c>: a URI among its alternative names, compared exactly; null: any. One of the two is required.</param>
internal sealed record AdminCertificate(string CaFile, string? Subject, string? Uri)
{
    /// <summary>What the audit log calls the operator.</summary>
    public string Name => Uri ?? Subject ?? "";
}

/// <summary>An operator who proves himself with a token.</summary>
/// <param name="Issuer"><c>issuer</c>: one of the configured issuers.</param>
/// <param name="Subject"><c>subject</c>: the token's <c>sub</c>, compared exactly.</param>
internal sealed record AdminSubject(string Issuer, string Subject);
