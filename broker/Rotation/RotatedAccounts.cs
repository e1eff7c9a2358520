using SidecarAgent.Broker.Configuration;
using SidecarAgent.Broker.Engines;
using SidecarAgent.Broker.Leases;
using SidecarAgent.Broker.Secrets;
using SidecarAgent.Broker.Storage;

namespace SidecarAgent.Broker.Rotation;

/// <summary>
/// Accounts that exist on a server outside and take turns, at <c>MOUNT/static/ROLE</c>. Their versions are stored like
/// those of a secret that people put, and served to all holders alike.
/// </summary>
internal sealed class RotatedAccounts(string mount, IReadOnlyList<RotatedRole> roles, KeyValueEngine stored) : ISecretEngine
{
    /// <summary>The segment that tells these paths from those of accounts made on demand.</summary>
    public const string Segment = "static";

    private readonly Dictionary<SecretPath, RotatedRole> _roles = roles.ToDictionary(
        role => SecretPath.Parse($"{mount}/{Segment}/{role.Name}"));

    public string Mount { get; } = mount;

    /// <summary>What is configured, by path.</summary>
    public IReadOnlyDictionary<SecretPath, RotatedRole> Roles => _roles;

    public bool Serves(SecretPath path) => _roles.ContainsKey(path);

    public Task<Facts> ReadAsync(
        Session session, string holder, SecretPath path, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (Serves(path))
            return stored.ReadAsync(session, holder, path, now, cancellationToken);
        var paths = string.Join(", ", _roles.Keys.Select(known => known.ToString()).Order(StringComparer.Ordinal));
        return Task.FromResult(new Facts(null, [], null) { Missing = $"there is no {path}; there is {paths}" });
    }

    public LeaseTerms Limit(SecretPath path, LeaseTerms granted) => granted;
}
