using System.CommandLine.Parsing;
using System.Globalization;
using SidecarAgent.Yaml;

namespace SidecarAgent.Ctl;

/// <summary>Durations as options take them: written as in the configuration files.</summary>
internal static class Durations
{
    /// <summary>A parser for an option whose value lies between two bounds, both allowed.</summary>
    public static Func<ArgumentResult, TimeSpan?> Parser(TimeSpan min, TimeSpan max) => result =>
    {
        if (YamlDuration.TryParse(result.Tokens[0].Value, out var value) && value >= min && value <= max)
            return value;
        result.AddError($"a duration from {Text(min)} to {Text(max)} is expected, such as 90s, 15m or 1h");
        return null;
    };

    /// <summary>In the largest unit that divides it: 90s, 15m, 1h, 7d.</summary>
    public static string Text(TimeSpan duration)
    {
        var seconds = (long)duration.TotalSeconds;
        var (count, unit) = seconds switch
        {
            0 => (0, "s"),
            _ when seconds % 86400 == 0 => (seconds / 86400, "d"),
            _ when seconds % 3600 == 0 => (seconds / 3600, "h"),
            _ when seconds % 60 == 0 => (seconds / 60, "m"),
            _ => (seconds, "s"),
        };
        return count.ToString(CultureInfo.InvariantCulture) + unit;
    }
}
