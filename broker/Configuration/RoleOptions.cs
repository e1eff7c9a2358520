using SidecarAgent.Broker.Engines.Accounts;

namespace SidecarAgent.Broker.Configuration;

/// <summary>What accounts are made for, and how long their leases live if the grant does not ask for less.</summary>
/// <param name="Name"><c>name</c>: the last segment of the path, <c>MOUNT/creds/NAME</c>. Required.</param>
/// <param name="Ttl"><c>ttl</c>: until a lease must be renewed, 1s to 365d; null: as the grant says.</param>
/// <param name="MaxTtl"><c>maxTtl</c>: how long renewals can keep it alive, not less than the TTL; null: as the grant says.</param>
/// <param name="Statements"><c>create</c>, <c>drop</c> and <c>reassignTo</c>.</param>
internal sealed record RoleOptions(string Name, TimeSpan? Ttl, TimeSpan? MaxTtl, RoleStatements Statements);
