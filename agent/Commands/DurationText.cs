using System.Globalization;

namespace SidecarAgent.Agent.Commands;

/// <summary>Durations as people type them: <c>500ms</c>, <c>60s</c>, <c>2m</c>, <c>1h</c>.</summary>
internal static class DurationText
{
    private static readonly (string Unit, TimeSpan Length)[] Units =
    [
        ("ms", TimeSpan.FromMilliseconds(1)),
        ("s", TimeSpan.FromSeconds(1)),
        ("m", TimeSpan.FromMinutes(1)),
        ("h", TimeSpan.FromHours(1)),
    ];

    /// <returns>More than nothing and at most a day; null: not a duration.</returns>
    public static TimeSpan? Parse(string text)
    {
        foreach (var (unit, length) in Units)
        {
            if (text.EndsWith(unit, StringComparison.Ordinal)
                && uint.TryParse(text.AsSpan(0, text.Length - unit.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var count))
            {
                return count > 0 && length * count <= TimeSpan.FromDays(1) ? length * count : null;
            }
        }

        return null;
    }
}
