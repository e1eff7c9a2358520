using System.Globalization;
using Google.Protobuf.WellKnownTypes;

namespace SidecarAgent.Ctl.Output;

/// <summary>Points in time as they are written: UTC, always.</summary>
internal static class Moment
{
    /// <summary>RFC 3339, for programs; null if there is none.</summary>
    public static string? Exact(Timestamp? time) => time is null ? null : Exact(time.ToDateTimeOffset());

    public static string Exact(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <summary>To the second, for people; "-" if there is none.</summary>
    public static string Short(Timestamp? time) =>
        time is null ? "-" : time.ToDateTime().ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
