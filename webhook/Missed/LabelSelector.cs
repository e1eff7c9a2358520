using System.Text.Json.Nodes;
using SidecarAgent.Webhook.Kubernetes;

namespace SidecarAgent.Webhook.Missed;

/// <summary>Kubernetes' LabelSelector, matched against labels of which some may not be known here.</summary>
internal static class LabelSelector
{
    /// <param name="selector">Null or empty matches everything.</param>
    /// <param name="labels">What is known.</param>
    /// <param name="areAll">Whether there are no other labels.</param>
    /// <returns>Null if it hangs on a label that is not known, or on an operator that is not.</returns>
    public static bool? Matches(JsonObject? selector, IReadOnlyDictionary<string, string> labels, bool areAll)
    {
        if (selector is null)
            return true;
        var equal = (selector["matchLabels"] as JsonObject ?? [])
            .Select(pair => Holds("In", [pair.Value?.ToString() ?? ""], labels.GetValueOrDefault(pair.Key), areAll));
        var expressions = ApiTree.Objects(selector, "matchExpressions").Select(expression => Holds(
            ApiTree.Text(expression, "operator") ?? "",
            [.. (expression["values"] as JsonArray ?? []).Select(value => value?.ToString() ?? "")],
            labels.GetValueOrDefault(ApiTree.Text(expression, "key") ?? ""),
            areAll));
        var all = equal.Concat(expressions).ToList();
        // One that does not hold decides, whatever is not known.
        return all.Contains(false) ? false : all.Contains(null) ? null : true;
    }

    private static bool? Holds(string @operator, IReadOnlyList<string> values, string? label, bool areAll)
    {
        if (label is null && !areAll)
            return null;
        return @operator switch
        {
            "In" => label is not null && values.Contains(label, StringComparer.Ordinal),
            "NotIn" => label is null || !values.Contains(label, StringComparer.Ordinal),
            "Exists" => label is not null,
            "DoesNotExist" => label is null,
            _ => null,
        };
    }
}
