using System.IO.Enumeration;

namespace SidecarAgent.Webhook.Plaintext;

/// <summary>What happens to a pod that carries secrets in the open.</summary>
internal enum PlaintextAction
{
    Warn,
    Deny,
    Off,
}

/// <summary>What to do about secrets in the open, by namespace.</summary>
/// <param name="Default">For namespaces that are not named.</param>
/// <param name="Namespaces">For the others; <c>*</c> in a name stands for any characters.</param>
/// <param name="Allowed">
/// Names that are no secrets, with <c>*</c>: of a variable or an option (<c>PUBLIC_TOKEN</c>), or with the container in front
/// (<c>app/PUBLIC_TOKEN</c>).
/// </param>
internal sealed record PlaintextPolicy(
    PlaintextAction Default,
    IReadOnlyDictionary<string, PlaintextAction> Namespaces,
    IReadOnlyList<string> Allowed)
{
    public static PlaintextPolicy Warning { get; } =
        new(PlaintextAction.Warn, new Dictionary<string, PlaintextAction>(StringComparer.Ordinal), []);

    /// <summary>What stands for the whole name, else for the longest pattern that it matches, else the default.</summary>
    public PlaintextAction For(string @namespace)
    {
        if (Namespaces.TryGetValue(@namespace, out var action))
            return action;
        var pattern = Namespaces.Keys.Where(name => name.Contains('*', StringComparison.Ordinal)
            && FileSystemName.MatchesSimpleExpression(name, @namespace, ignoreCase: false)).MaxBy(name => name.Length);
        return pattern is null ? Default : Namespaces[pattern];
    }

    public bool Allows(string container, string name) => Allowed.Any(pattern =>
        FileSystemName.MatchesSimpleExpression(pattern, pattern.Contains('/', StringComparison.Ordinal) ? $"{container}/{name}" : name, ignoreCase: false));
}
