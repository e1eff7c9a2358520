using SidecarAgent.Webhook.Plaintext;
using SidecarAgent.Yaml;

namespace SidecarAgent.Webhook.Configuration;

/// <summary>Reads <c>plaintext</c>.</summary>
internal static class PlaintextPolicyReader
{
    private static readonly string[] Words = ["warn", "deny", "off"];

    public static PlaintextPolicy Read(YamlMap? plaintext)
    {
        if (plaintext is null)
            return PlaintextPolicy.Warning;
        var namespaces = plaintext.OptionalMap("namespaces");
        foreach (var name in namespaces?.Keys ?? [])
            NamespacePattern.Check(namespaces!, name, name);
        return new PlaintextPolicy(
            Action(plaintext, "default"),
            namespaces?.Keys.ToDictionary(name => name, name => Action(namespaces, name), StringComparer.Ordinal)
                ?? new Dictionary<string, PlaintextAction>(StringComparer.Ordinal),
            plaintext.Texts("allow"));
    }

    private static PlaintextAction Action(YamlMap map, string key) =>
        Enum.Parse<PlaintextAction>(map.OneOf(key, "warn", Words), ignoreCase: true);
}
