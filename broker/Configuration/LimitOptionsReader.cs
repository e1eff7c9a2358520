using SidecarAgent.Yaml;

namespace SidecarAgent.Broker.Configuration;

/// <summary>Reads <c>limits</c>.</summary>
internal static class LimitOptionsReader
{
    public static LimitOptions Read(YamlMap root)
    {
        var fallback = LimitOptions.Default;
        if (root.OptionalMap("limits") is not { } map)
            return fallback;
        return new LimitOptions
        {
            CallsPerSecond = map.WholeNumber("callsPerSecond", fallback.CallsPerSecond, 1, 100_000),
            Burst = map.WholeNumber("burst", fallback.Burst, 1, 100_000),
            Watches = map.WholeNumber("watches", fallback.Watches, 1, 1000),
            Connections = map.WholeNumber("connections", fallback.Connections, 100, 1_000_000),
            DynamicLeases = map.WholeNumber("dynamicLeases", fallback.DynamicLeases, 1, 10_000),
        };
    }
}
