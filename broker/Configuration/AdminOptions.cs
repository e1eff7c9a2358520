namespace SidecarAgent.Broker.Configuration;

/// <summary>Who may call BrokerAdmin.</summary>
/// <param name="Socket"><c>socket</c>: a Unix socket whose file mode is the proof; null: none. At most one.</param>
/// <param name="Subjects">Callers over TLS, by the token that they bring.</param>
internal sealed record AdminOptions(string? Socket, IReadOnlyList<AdminSubject> Subjects);

/// <summary>An operator who proves himself with a token.</summary>
/// <param name="Issuer"><c>issuer</c>: one of the configured issuers.</param>
/// <param name="Subject"><c>subject</c>: the token's <c>sub</c>, compared exactly.</param>
internal sealed record AdminSubject(string Issuer, string Subject);
