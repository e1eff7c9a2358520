using SidecarAgent.Broker.Configuration;
using SidecarAgent.Broker.Engines.Accounts;

namespace SidecarAgent.Broker.Credentials;

/// <summary>Makes the client of an account server; it asks the server nothing yet.</summary>
internal delegate IAccountServer AccountServerFactory(MountOptions mount);

/// <summary>The account servers of all mounts that have one.</summary>
internal sealed class OutsideServers(
    IReadOnlyList<MountOptions> mounts, AccountServerFactory connect, TimeProvider clock, ILoggerFactory loggers)
    : IAsyncDisposable
{
    private readonly Dictionary<string, OutsideServer> _servers = mounts.Where(mount => mount.Dynamic is not null).ToDictionary(
        mount => mount.Path,
        mount => new OutsideServer(
            mount.Path, mount.Dynamic!, connect(mount), clock, loggers.CreateLogger<OutsideServer>()));

    public IReadOnlyCollection<OutsideServer> All => _servers.Values;

    public OutsideServer At(string mount) => _servers[mount];

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers.Values)
            await server.DisposeAsync();
    }
}
