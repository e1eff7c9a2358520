using System.Globalization;
using System.Text.Json.Nodes;

namespace SidecarAgent.Quickstart.Installation;

/// <summary>Applies what an admission webhook answers: the add, replace, remove and test operations of RFC 6902.</summary>
internal static class JsonPatch
{
    /// <returns>The patched document; the given one stays as it is.</returns>
    /// <exception cref="InstallationException">The patch does not fit the document.</exception>
    public static JsonObject Apply(JsonObject document, JsonArray patch)
    {
        JsonNode root = document.DeepClone();
        foreach (var operation in patch)
        {
            var path = (string)operation!["path"]!;
            var segments = path.Split('/').Skip(1).Select(Unescape).ToArray();
            var parent = segments[..^1].Aggregate(root, (node, segment) => Child(node, segment, path));
            ApplyOne((string)operation["op"]!, parent, segments[^1], operation["value"], path);
        }

        return root.AsObject();
    }

    private static void ApplyOne(string operation, JsonNode parent, string name, JsonNode? value, string path)
    {
        switch (operation, parent)
        {
            case ("add", JsonArray list):
                list.Insert(name == "-" ? list.Count : Index(name, list.Count, path), value?.DeepClone());
                break;
            case ("add", JsonObject map):
                map[name] = value?.DeepClone();
                break;
            case ("replace", JsonArray list):
                list[Index(name, list.Count - 1, path)] = value?.DeepClone();
                break;
            case ("replace", JsonObject map) when map.ContainsKey(name):
                map[name] = value?.DeepClone();
                break;
            case ("remove", JsonArray list):
                list.RemoveAt(Index(name, list.Count - 1, path));
                break;
            case ("remove", JsonObject map) when map.Remove(name):
            case ("test", _) when JsonNode.DeepEquals(Child(parent, name, path), value):
                break;
            default:
                throw new InstallationException($"the patch's '{operation}' at {path} does not fit the pod");
        }
    }

    private static JsonNode Child(JsonNode node, string segment, string path) => node switch
    {
        JsonArray list => list[Index(segment, list.Count - 1, path)],
        JsonObject map => map[segment],
        _ => null,
    } ?? throw new InstallationException($"the patch names {path}, which the pod has not got");

    private static int Index(string segment, int last, string path) =>
        int.TryParse(segment, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index <= last
            ? index
            : throw new InstallationException($"the patch names {path}, which the pod has not got");

    // RFC 6901, section 4: ~1 first, so that ~01 becomes ~1.
    private static string Unescape(string segment) =>
        segment.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
}
