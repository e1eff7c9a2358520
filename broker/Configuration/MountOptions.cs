using SidecarAgent.Broker.Engines.Pki;

namespace SidecarAgent.Broker.Configuration;

/// <summary>An engine and where it is attached.</summary>
/// <param name="Path"><c>path</c>: the first segment of its secrets' paths, such as <c>kv</c>. Required, unique.</param>
/// <param name="Engine"><c>engine</c>: what issues the secrets. Required.</param>
/// <param name="Accounts">The server outside on which the engine makes accounts; null: it needs none.</param>
internal sealed record MountOptions(string Path, EngineKind Engine, AccountServerOptions? Accounts = null)
{
    /// <summary><c>maxVersions</c>: how many versions of a stored secret are kept; 1 to 10000, default 100.</summary>
    public int MaxVersions { get; init; } = Engines.KeyValueEngine.DefaultVersions;

    /// <summary>How the accounts are leased, where the mount makes any; certificates count.</summary>
    public DynamicOptions? Dynamic { get; init; }

    /// <summary>Roles whose accounts exist and take turns; empty: none.</summary>
    public IReadOnlyList<RotatedRole> Rotated { get; init; } = [];

    /// <summary>The broker's own CA that issues the mount's certificates; null: it has none.</summary>
    public PkiOptions? Pki { get; init; }
}
