using SidecarAgent.Broker.Engines.Accounts;

namespace SidecarAgent.Broker.Configuration;

/// <summary>A mount whose secrets are accounts on a server outside, made on demand.</summary>
/// <param name="Connection"><c>connection</c>: the server, and how the broker logs in there. Required.</param>
/// <param name="Roles"><c>roles</c>: what accounts are made for. At least one, no two of the same name.</param>
internal sealed record DynamicOptions(AccountConnection Connection, IReadOnlyList<RoleOptions> Roles);
