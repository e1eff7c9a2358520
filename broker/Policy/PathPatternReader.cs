using SidecarAgent.Yaml;

namespace SidecarAgent.Broker.Policy;

/// <summary>Reads <c>paths</c>, a list of patterns.</summary>
internal static class PathPatternReader
{
    /// <param name="map">Where <c>paths</c> stands; it hears what is wrong.</param>
    /// <param name="owner">How messages call that, with its article.</param>
    /// <returns>Those that can be read.</returns>
    public static List<PathPattern> Read(YamlMap map, string owner)
    {
        var paths = new List<PathPattern>();
        var texts = map.Texts("paths");
        foreach (var text in texts)
        {
            if (PathPattern.TryParse(text, out var pattern, out var problem))
                paths.Add(pattern);
            else
                map.Report("paths", $"'{text}': {problem}");
        }

        if (texts.Count == 0)
            map.Report($"{owner} needs 'paths', a list of at least one");
        return paths;
    }
}
