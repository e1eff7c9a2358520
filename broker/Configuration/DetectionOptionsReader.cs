using SidecarAgent.Broker.Detection;
using SidecarAgent.Broker.Policy;
using SidecarAgent.Yaml;

namespace SidecarAgent.Broker.Configuration;

/// <summary>Reads <c>detection</c>.</summary>
internal static class DetectionOptionsReader
{
    private const int MaxPatterns = 1000;

    public static DetectionOptions Read(YamlMap root)
    {
        var fallback = DetectionOptions.Default;
        if (root.OptionalMap("detection") is not { } map)
            return fallback;
        var canaries = map.Maps("canaries").Select(ReadCanary).ToList();
        if (canaries.Sum(canary => canary.Paths.Count) > MaxPatterns)
            map.Report("canaries", $"at most {MaxPatterns} patterns of canaries are allowed");
        var remember = map.Duration("rememberAccess", fallback.RememberAccess);
        if (remember < TimeSpan.FromDays(1) || remember > TimeSpan.FromDays(3650))
            map.Report("rememberAccess", "'rememberAccess' must be from 1d to 3650d");
        var spread = map.OptionalMap("spread");
        var within = spread?.Duration("within", fallback.SpreadWithin) ?? fallback.SpreadWithin;
        if (within < TimeSpan.FromMinutes(1) || within > TimeSpan.FromDays(1))
            spread!.Report("within", "'within' must be from 1m to 24h");
        return new DetectionOptions
        {
            Canaries = canaries,
            RememberAccess = remember,
            SpreadSecrets = spread?.WholeNumber("secrets", fallback.SpreadSecrets, 0, 1000) ?? fallback.SpreadSecrets,
            SpreadWithin = within,
        };
    }

    private static Canary ReadCanary(YamlMap map)
    {
        var paths = PathPatternReader.Read(map, "the canary");
        return new Canary(paths, map.OneOf("onRead", "alarm", "alarm", "cutOff") == "cutOff");
    }
}
