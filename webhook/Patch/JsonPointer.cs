using System.Globalization;

namespace SidecarAgent.Webhook.Patch;

/// <summary>The place of a value in a JSON tree (RFC 6901).</summary>
internal readonly record struct JsonPointer(string Text)
{
    public static JsonPointer Root { get; } = new("");

    public JsonPointer Member(string name) =>
        new($"{Text}/{name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}");

    public JsonPointer Item(int index) => new(string.Create(CultureInfo.InvariantCulture, $"{Text}/{index}"));
}
