using SidecarAgent.Broker.Engines.Accounts;
using SidecarAgent.Broker.Rotation;

namespace SidecarAgent.Broker.Configuration;

/// <summary>A role of a mount whose accounts exist already: the broker changes their passwords in turn.</summary>
/// <param name="Name"><c>name</c>: as it stands in the path, <c>MOUNT/static/NAME</c>. Required.</param>
/// <param name="Accounts"><c>rotate</c>: the two accounts that take turns. Required.</param>
/// <param name="Schedule"><c>every</c> or <c>cron</c>: when it is the other's turn; default every 24h.</param>
/// <param name="Grace">
/// <c>grace</c>: how long the old account stays after the last acknowledgement, for applications that have read its
/// password a moment before; 0s to 1h, default 30s, as long as the agent keeps its previous files.
/// </param>
internal sealed record RotatedRole(string Name, IReadOnlyList<AccountName> Accounts, RotationSchedule Schedule, TimeSpan Grace)
{
    public static readonly TimeSpan DefaultGrace = TimeSpan.FromSeconds(30);
    public static readonly TimeSpan LongestGrace = TimeSpan.FromHours(1);
}
