using SidecarAgent.Broker.Engines.Accounts;
using SidecarAgent.Yaml;

namespace SidecarAgent.Broker.Configuration;

/// <summary>Reads, of a mount, how its accounts are leased. <see cref="AccountServerReader"/> reads the rest.</summary>
internal static class DynamicOptionsReader
{
    public static DynamicOptions Read(YamlMap mount)
    {
        var timeout = mount.Duration("timeout", AccountConnection.DefaultTimeout);
        if (timeout < TimeSpan.FromSeconds(1) || timeout > TimeSpan.FromMinutes(5))
            mount.Report("timeout", "'timeout' must be from 1s to 5m");
        var roles = new Dictionary<string, RoleOptions>();
        foreach (var role in mount.Maps("roles").Where(role => !RotatedRoleReader.IsRotated(role)))
        {
            var (ttl, maxTtl) = LifetimeReader.Read(role);
            roles[role.Text("name")] = new RoleOptions(ttl, maxTtl);
        }

        return new DynamicOptions
        {
            Roles = roles,
            Timeout = timeout,
            Concurrency = mount.WholeNumber("concurrency", AccountConnection.DefaultConnections, 1, 64),
        };
    }
}
