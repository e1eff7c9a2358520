using System.CommandLine.Parsing;
using System.Diagnostics.CodeAnalysis;

namespace SidecarAgent.Ctl;

/// <summary>A name in a namespace, typed as NAMESPACE/NAME.</summary>
internal sealed record NamespacedName(string Namespace, string Name)
{
    public override string ToString() => $"{Namespace}/{Name}";
}

/// <summary>Names as Kubernetes allows them, for options and arguments.</summary>
internal static class KubernetesName
{
    private const int MaxLabel = 63;
    private const int MaxSubdomain = 253;

    public static NamespacedName? ParseNamespaced(ArgumentResult result)
    {
        if (result.Tokens[0].Value.Split('/') is [var ns, var name] && IsLabel(ns) && IsSubdomain(name))
            return new NamespacedName(ns, name);
        result.AddError("a name and its namespace are expected, such as shop/orders (lower-case letters, digits, '-', '.')");
        return null;
    }

    /// <summary>The name of a namespace.</summary>
    public static string? ParseNamespace(ArgumentResult result) =>
        Parse(result, IsLabel, "the name of a namespace is expected, such as shop");

    /// <summary>The name of a pod or a node; a UID has the same form.</summary>
    public static string? ParseName(ArgumentResult result) =>
        Parse(result, IsSubdomain, "a name is expected, such as orders-7c9f or node-1 (lower-case letters, digits, '-', '.')");

    private static string? Parse(ArgumentResult result, Func<string, bool> isName, string expected)
    {
        if (isName(result.Tokens[0].Value))
            return result.Tokens[0].Value;
        result.AddError(expected);
        return null;
    }

    /// <summary>RFC 1123 subdomain: labels joined by dots.</summary>
    private static bool IsSubdomain([NotNullWhen(true)] string? text) =>
        text is { Length: >= 1 and <= MaxSubdomain } && text.Split('.').All(IsLabelText);

    private static bool IsLabel(string text) => text.Length <= MaxLabel && IsLabelText(text);

    private static bool IsLabelText(string text) =>
        text.Length > 0 && text[0] != '-' && text[^1] != '-'
        && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');
}
