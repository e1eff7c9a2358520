using SidecarAgent.Yaml;

namespace SidecarAgent.Broker.Configuration;

/// <summary>Reads <c>ttl</c> and <c>maxTtl</c>, wherever they stand.</summary>
internal static class LifetimeReader
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(365);

    /// <returns>Null for what is not there.</returns>
    public static (TimeSpan? Ttl, TimeSpan? MaxTtl) Read(YamlMap map)
    {
        var ttl = Read(map, "ttl");
        var maxTtl = Read(map, "maxTtl");
        if (ttl > maxTtl)
            map.Report("maxTtl", "'maxTtl' must not be shorter than 'ttl'");
        return (ttl, maxTtl);
    }

    private static TimeSpan? Read(YamlMap map, string key)
    {
        if (!map.Has(key))
            return null;
        var time = map.Duration(key, TimeSpan.FromHours(1));
        if (time < TimeSpan.FromSeconds(1) || time > Longest)
            map.Report(key, $"'{key}' must be from 1s to 365d");
        return time;
    }
}
