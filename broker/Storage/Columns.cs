using System.Data.Common;
using SidecarAgent.Broker.Secrets;

namespace SidecarAgent.Broker.Storage;

/// <summary>How values of the domain stand in columns: times are microseconds since 1970 in UTC.</summary>
internal static class Columns
{
    public static long ToMicroseconds(DateTimeOffset time) =>
        (time.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond;

    /// <summary>A time as it comes back from a column.</summary>
    public static DateTimeOffset Stored(DateTimeOffset time) =>
        DateTimeOffset.UnixEpoch.AddTicks(ToMicroseconds(time) * TimeSpan.TicksPerMicrosecond);

    public static DateTimeOffset Time(this DbDataReader row, int column) =>
        DateTimeOffset.UnixEpoch.AddTicks(row.GetInt64(column) * TimeSpan.TicksPerMicrosecond);

    public static DateTimeOffset? OptionalTime(this DbDataReader row, int column) =>
        row.IsDBNull(column) ? null : row.Time(column);

    public static string? OptionalText(this DbDataReader row, int column) =>
        row.IsDBNull(column) ? null : row.GetString(column);

    public static ulong Number(this DbDataReader row, int column) => checked((ulong)row.GetInt64(column));

    /// <summary>What COUNT says; a plain INTEGER column is read as an int.</summary>
    public static int Count(this DbDataReader row, int column) => checked((int)row.GetInt64(column));

    public static byte[] Bytes(this DbDataReader row, int column) => (byte[])row.GetValue(column);

    public static SecretPath Path(this DbDataReader row, int column) => SecretPath.Parse(row.GetString(column));
}
