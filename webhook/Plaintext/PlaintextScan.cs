using System.Text.Json;
using SidecarAgent.Webhook.Injection;

namespace SidecarAgent.Webhook.Plaintext;

/// <summary>
/// Finds secrets that a pod's specification carries in the open: in literal environment variables and command lines, where
/// everybody who may read pods reads them, and in environment variables made of Kubernetes Secrets, which child processes
/// and crash dumps inherit and which never change.
/// </summary>
internal static class PlaintextScan
{
    /// <summary>The findings that the policy does not allow, in the order of the pod.</summary>
    public static IReadOnlyList<PlaintextFinding> Find(PodTree pod, PlaintextPolicy policy)
    {
        var findings = new List<PlaintextFinding>();
        foreach (var container in pod.InitContainers.Concat(pod.Containers))
        {
            var name = container.Name;
            findings.AddRange(Environment(container.Fields).Concat(CommandLine(container.Fields))
                .Where(found => !policy.Allows(name, found.Name))
                .Select(found => new PlaintextFinding(found.Kind, name, found.Place, found.Reason)));
        }

        return findings;
    }

    /// <summary>A finding before the policy was asked, which may allow it by its name.</summary>
    private sealed record Found(PlaintextKind Kind, string Name, string Place, string Reason);

    private static IEnumerable<Found> Environment(JsonElement container)
    {
        foreach (var variable in PodTree.Objects(container, "env"))
        {
            var name = PodTree.Name(variable);
            if (PodTree.Text(variable, "value") is { } value && Judge(name, value) is var (kind, reason))
                yield return new Found(kind, name, Variable(name), reason);
            if (PodTree.Member(PodTree.Member(variable, "valueFrom"), "secretKeyRef") is { ValueKind: JsonValueKind.Object } secret)
                yield return new Found(PlaintextKind.Reference, name, Variable(name),
                    $"is made of the Secret {Foreign.Quote(PodTree.Name(secret))}, which child processes and crash dumps inherit");
        }

        foreach (var secret in PodTree.Objects(container, "envFrom").Select(source => PodTree.Member(source, "secretRef"))
            .Where(secret => secret.ValueKind is JsonValueKind.Object))
            yield return new Found(PlaintextKind.Reference, PodTree.Name(secret), "its environment",
                $"is made of the Secret {Foreign.Quote(PodTree.Name(secret))}, which child processes and crash dumps inherit");
    }

    /// <summary><c>--name=value</c>, <c>--name value</c>, <c>NAME=value</c> in a shell's script, and values that show what they are.</summary>
    private static IEnumerable<Found> CommandLine(JsonElement container)
    {
        foreach (var list in new[] { "command", "args" })
        {
            string? option = null;
            foreach (var argument in Texts(container, list))
            {
                if (option is not null && !argument.StartsWith('-') && SecretName.IsOfASecret(option) && IsMeant(argument))
                    yield return new Found(PlaintextKind.Name, option, $"the option {Foreign.Plain(option)} of its {list}", "holds what its name says is a secret");
                else if (SecretValue.Find(argument) is { } what)
                    yield return new Found(PlaintextKind.Format, list, $"its {list}", $"holds {what}");
                else
                {
                    foreach (var (name, value) in Assignments(argument).Where(a => SecretName.IsOfASecret(a.Name) && IsMeant(a.Value)))
                        yield return new Found(PlaintextKind.Name, name, $"{Foreign.Plain(name)} in its {list}", "holds what its name says is a secret");
                }

                option = argument.StartsWith('-') && !argument.Contains('=', StringComparison.Ordinal) ? argument.TrimStart('-') : null;
            }
        }
    }

    private static (PlaintextKind Kind, string Reason)? Judge(string name, string value)
    {
        if (SecretValue.Find(value) is { } what)
            return (PlaintextKind.Format, $"holds {what}");
        if (SecretName.IsOfASecret(name) && IsMeant(value))
            return (PlaintextKind.Name, "holds what its name says is a secret");
        return SecretValue.LooksRandom(value) ? (PlaintextKind.Entropy, "holds something as random as a key") : null;
    }

    /// <summary>A value that could be a secret: written out here, and neither a switch nor the path of a file.</summary>
    private static bool IsMeant(string value) =>
        SecretValue.IsLiteral(value) && value is not ("true" or "false" or "none" or "null" or "-") && value[0] is not ('/' or '@');

    private static IEnumerable<(string Name, string Value)> Assignments(string argument)
    {
        foreach (var word in argument.Split([' ', '\t', '\n', ';', '&'], StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = word.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0)
                yield return (word[..equals].TrimStart('-'), word[(equals + 1)..].Trim('"', '\''));
        }
    }

    private static string Variable(string name) => $"environment variable {Foreign.Plain(name)}";

    private static IEnumerable<string> Texts(JsonElement container, string list) =>
        PodTree.Member(container, list) is { ValueKind: JsonValueKind.Array } texts
            ? texts.EnumerateArray().Select(text => text.ValueKind is JsonValueKind.String ? text.GetString()! : "")
            : [];
}
