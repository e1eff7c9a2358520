using SidecarAgent.Yaml;

namespace SidecarAgent.Webhook.Configuration;

/// <summary>Names of namespaces in the configuration: what can never match is a mistake, and one that nobody would notice.</summary>
internal static class NamespacePattern
{
    public static void Check(YamlMap map, string key, string pattern)
    {
        if (pattern.Length is 0 or > 63 || !pattern.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '*'))
            map.Report(key, $"'{key}': expected the name of a namespace, with * for any characters, got '{Injection.Foreign.Plain(pattern)}'");
    }
}
