using System.Globalization;

namespace SidecarAgent.Yaml;

/// <summary>Durations as people write them in configuration: a whole number and one unit, such as 90s, 15m, 1h or 7d.</summary>
public static class YamlDuration
{
    private const long MaxDays = 36500;

    public static bool TryParse(string text, out TimeSpan value)
    {
        value = TimeSpan.Zero;
        if (text.Length < 2
            || !long.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count))
            return false;

        var seconds = text[^1] switch { 's' => 1, 'm' => 60, 'h' => 3600, 'd' => 86400, _ => 0 };
        if (seconds == 0 || count > MaxDays * 86400 / seconds)
            return false;
        value = TimeSpan.FromSeconds(count * seconds);
        return true;
    }
}
