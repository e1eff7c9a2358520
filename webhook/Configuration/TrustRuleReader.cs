using SidecarAgent.Webhook.Injection;
using SidecarAgent.Webhook.Policy;
using SidecarAgent.Yaml;

namespace SidecarAgent.Webhook.Configuration;

/// <summary>Reads one entry of <c>trust</c>.</summary>
internal static class TrustRuleReader
{
    private static readonly Dictionary<string, Trusted> Words = new(StringComparer.Ordinal)
    {
        ["broker"] = Trusted.Broker,
        ["image"] = Trusted.Image,
        ["audience"] = Trusted.Audience,
        ["resources"] = Trusted.Resources,
        ["mount-path"] = Trusted.MountPath,
    };

    /// <summary>Keys that limit what a word allows.</summary>
    private static readonly (string Key, string Word)[] Limits = [("images", "image"), ("mountPaths", "mount-path"), ("limits", "resources")];

    /// <summary>All entries; one that no namespace reaches is a mistake.</summary>
    public static IReadOnlyList<TrustRule> ReadAll(IEnumerable<YamlMap> entries)
    {
        var rules = new List<TrustRule>();
        foreach (var entry in entries)
        {
            if (rules.Exists(rule => rule.Namespaces.Contains("*")))
                entry.Report("no namespace reaches this entry of 'trust': an earlier one is for '*', and the first that matches decides");
            rules.Add(Read(entry));
        }

        return rules;
    }

    private static TrustRule Read(YamlMap entry)
    {
        var namespaces = entry.Texts("namespaces");
        if (namespaces.Count == 0)
            entry.Report("an entry of 'trust' needs 'namespaces', such as ['*']");
        foreach (var name in namespaces)
            NamespacePattern.Check(entry, "namespaces", name);
        if (!entry.Has("may"))
            entry.Report("an entry of 'trust' needs 'may'; [] allows nothing");
        var may = May(entry);
        foreach (var (limit, word) in Limits.Where(limit => entry.Has(limit.Key) && !may.HasFlag(Words[limit.Word])))
            entry.Report(limit, $"'{limit}' limits what 'may' does not allow: add {word} there, or leave it out");

        var limits = entry.OptionalMap("limits");
        return new TrustRule
        {
            Namespaces = namespaces,
            May = may,
            Images = entry.Texts("images"),
            MountPaths = entry.Texts("mountPaths"),
            MaxCpu = Most(limits, "cpu"),
            MaxMemory = Most(limits, "memory"),
            MaxVolume = Most(limits, "volumeSize"),
            FileModes = FileModes(entry),
        };
    }

    private static Trusted May(YamlMap entry)
    {
        var may = Trusted.Nothing;
        foreach (var word in entry.Texts("may"))
        {
            if (Words.TryGetValue(word, out var trusted))
                may |= trusted;
            else
                entry.Report("may", $"'may' lists some of {string.Join(", ", Words.Keys)}, got '{Foreign.Plain(word)}'");
        }

        return may;
    }

    private static Quantity? Most(YamlMap? limits, string key)
    {
        if (limits?.OptionalText(key) is not { } text)
            return null;
        if (Quantity.TryParse(text) is { } quantity)
            return quantity;
        limits.Report(key, $"'{key}' must be a quantity such as 64Mi or 100m");
        return null;
    }

    private static int FileModes(YamlMap entry)
    {
        const int Any = 0b111_111_111;
        if (entry.OptionalText("fileModes") is not { } text)
            return Any;
        var modes = RequestedFile.ParseMode(text);
        if (modes >= 0)
            return modes;
        entry.Report("fileModes", "'fileModes' must be the octal bits that a file's mode may have, such as 0440");
        return Any;
    }
}
