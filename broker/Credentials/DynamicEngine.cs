using System.Diagnostics.CodeAnalysis;
using SidecarAgent.Broker.Configuration;
using SidecarAgent.Broker.Engines;
using SidecarAgent.Broker.Engines.Pki;
using SidecarAgent.Broker.Leases;
using SidecarAgent.Broker.Secrets;
using SidecarAgent.Broker.Storage;

namespace SidecarAgent.Broker.Credentials;

/// <summary>
/// Accounts on a server outside, one for each holder, at <c>MOUNT/creds/ROLE</c>; certificates at
/// <c>MOUNT/issue/ROLE</c>. A version of such a path belongs to
/// one holder: what is served to it is the newest that it has a live lease on.
/// </summary>
internal sealed class DynamicEngine(OutsideServer server) : ISecretEngine
{
    public const string UserField = "username";
    public const string PasswordField = "password";

    private string Prefix { get; } = server.Accounts is ICertificateIssuer ? "issue/" : "creds/";

    private readonly IReadOnlyDictionary<string, RoleOptions> _roles = server.Options.Roles;

    public OutsideServer Server { get; } = server;

    /// <summary>The role that a path names, if it is configured.</summary>
    public bool TryGetRole(SecretPath path, [NotNullWhen(true)] out string? role)
    {
        role = path.Name.StartsWith(Prefix, StringComparison.Ordinal) ? path.Name[Prefix.Length..] : null;
        if (role is not null && !_roles.ContainsKey(role))
            role = null;
        return role is not null;
    }

    public bool Serves(SecretPath path) => TryGetRole(path, out _);

    public async Task<Facts> ReadAsync(
        Session session, string holder, SecretPath path, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (!TryGetRole(path, out _))
        {
            var roles = string.Join(", ", _roles.Keys.Order(StringComparer.Ordinal).Select(role => $"{path.Mount}/{Prefix}{role}"));
            return new Facts(null, [], null) { Missing = $"there is no {path}; below {path.Mount} there is {roles}" };
        }

        var held = await LeaseTable.OfHolderAsync(session, holder, path, now, cancellationToken);
        session.Fill?.Keep(path, holder, held);
        if (held.MaxBy(lease => lease.Version) is not { } newest)
            return new Facts(new SecretHead(path, 0, 0, null), FieldNames, null) { IsMade = true };
        var fields = await SecretTable.FieldNamesAsync(session, path, newest.Version, cancellationToken);
        return new Facts(new SecretHead(path, newest.Version, newest.Version, newest.IssuedAt), fields, newest) { IsMade = true };
    }

    public LeaseTerms Limit(SecretPath path, LeaseTerms granted)
    {
        if (!TryGetRole(path, out var name))
            return granted;
        var role = _roles[name];
        var maxTtl = Shorter(granted.MaxTtl, role.MaxTtl);
        return new LeaseTerms(Shorter(Shorter(granted.Ttl, role.Ttl), maxTtl), maxTtl);
    }

    /// <summary>The fields of a version that is made now, sorted.</summary>
    private IReadOnlyList<string> FieldNames { get; } =
        server.Accounts is ICertificateIssuer issuer
            ? issuer.FieldNames
            : [.. server.Accounts.Address.Keys.Append(UserField).Append(PasswordField).Order(StringComparer.Ordinal)];

    private static TimeSpan Shorter(TimeSpan a, TimeSpan? b) => b is { } other && other < a ? other : a;
}
