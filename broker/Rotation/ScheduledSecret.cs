using System.Security.Cryptography;
using System.Text;
using SidecarAgent.Broker.Secrets;

namespace SidecarAgent.Broker.Rotation;

/// <summary>A secret that is rotated by itself.</summary>
/// <param name="Path">Where.</param>
/// <param name="Schedule">When.</param>
/// <param name="SetAt">Since when that is so.</param>
/// <param name="SetBy">The operator; empty where the configuration says it.</param>
/// <param name="Last">When it last got a new version, or a rotation of it began; null: never.</param>
internal sealed record ScheduledSecret(
    SecretPath Path, RotationSchedule Schedule, DateTimeOffset SetAt, string SetBy, DateTimeOffset? Last)
{
    public DateTimeOffset NextDue => Schedule.NextDue(Last, SetAt, Spread(Path));

    /// <summary>The same for a path for ever, and as good as random between paths.</summary>
    private static double Spread(SecretPath path)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(path.ToString()));
        return BitConverter.ToUInt32(hash) / (uint.MaxValue + 1.0);
    }
}
