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
    private const string ByName = "holds what its name says is a secret";

    private const string AsRandom = "holds something as random as a key";
    private const int MaxNameLength = 64;

    private static readonly string[] Probes = ["startupProbe", "readinessProbe", "livenessProbe"];
    private static readonly string[] Hooks = ["postStart", "preStop"];

    /// <summary>The findings that the policy does not allow, in the order of the pod.</summary>
    public static IReadOnlyList<PlaintextFinding> Find(PodTree pod, PlaintextPolicy policy)
    {
        var found = new Findings(policy);
        foreach (var container in pod.InitContainers)
            Look(container, found);
        foreach (var container in pod.Containers)
            Look(container, found);
        return found.All;
    }

    /// <summary>What was found in one pod, without what the policy allows by its name.</summary>
    private sealed class Findings(PlaintextPolicy policy)
    {
        private readonly List<PlaintextFinding> _all = [];

        public IReadOnlyList<PlaintextFinding> All => _all;

        public void Add(PlaintextKind kind, string container, string name, string place, string reason)
        {
            if (!policy.Allows(container, name))
                _all.Add(new PlaintextFinding(kind, container, place, reason));
        }
    }

    private static void Look(PodContainer container, Findings found)
    {
        var name = container.Name;
        var fields = container.Fields;
        if (PodTree.Member(fields, "env") is { ValueKind: JsonValueKind.Array } variables && Glance.SeesAnythingIn(variables))
            LookAtVariables(variables, name, found);
        LookAtSources(PodTree.Member(fields, "envFrom"), name, found);
        LookAtCommand(PodTree.Member(fields, "command"), "command", name, found);
        LookAtCommand(PodTree.Member(fields, "args"), "args", name, found);
        foreach (var probe in Probes)
            LookAtCommand(PodTree.Member(PodTree.Member(PodTree.Member(fields, probe), "exec"), "command"), probe, name, found);
        var lifecycle = PodTree.Member(fields, "lifecycle");
        foreach (var hook in Hooks)
            LookAtCommand(PodTree.Member(PodTree.Member(PodTree.Member(lifecycle, hook), "exec"), "command"), hook, name, found);
    }

    private static void LookAtVariables(JsonElement variables, string container, Findings found)
    {
        foreach (var variable in variables.EnumerateArray())
        {
            if (variable.ValueKind is JsonValueKind.Object)
                LookAtVariable(variable, container, found);
        }
    }

    private static void LookAtSources(JsonElement sources, string container, Findings found)
    {
        if (sources.ValueKind is not JsonValueKind.Array)
            return;
        foreach (var source in sources.EnumerateArray())
        {
            if (PodTree.Member(source, "secretRef") is { ValueKind: JsonValueKind.Object } secret)
                found.Add(PlaintextKind.Reference, container, PodTree.Name(secret), "its environment", MadeOf(secret));
        }
    }

    private static void LookAtVariable(JsonElement variable, string container, Findings found)
    {
        string? name = null, value = null;
        JsonElement secret = default;
        foreach (var member in variable.EnumerateObject())
        {
            if (member.NameEquals("name"u8))
                name = PodTree.Text(member.Value);
            else if (member.NameEquals("value"u8))
                value = PodTree.Text(member.Value);
            else if (member.NameEquals("valueFrom"u8))
                secret = PodTree.Member(member.Value, "secretKeyRef");
        }

        name ??= "";
        if (value is { Length: > 0 } && Judge(name, value) is var (kind, reason))
            found.Add(kind, container, name, Variable(name), reason);
        if (secret.ValueKind is JsonValueKind.Object)
            found.Add(PlaintextKind.Reference, container, name, Variable(name), MadeOf(secret));
    }

    /// <summary><c>--name=value</c>, <c>--name value</c>, <c>NAME=value</c> in a shell's script, and values that show what they are.</summary>
    /// <param name="where">How the list is called.</param>
    private static void LookAtCommand(JsonElement list, string where, string container, Findings found)
    {
        if (list.ValueKind is not JsonValueKind.Array)
            return;
        string? option = null;
        foreach (var element in list.EnumerateArray())
        {
            var argument = PodTree.Text(element) ?? "";
            if (option is not null && !argument.StartsWith('-') && IsNameOfASecret(option) && IsMeant(argument))
                found.Add(PlaintextKind.Name, container, option, $"the option {Foreign.Plain(option)} of its {where}", ByName);
            else if (!LookAtAssignments(argument, where, container, found))
                LookAtArgument(argument, where, container, found);
            option = argument.StartsWith('-') && !argument.Contains('=', StringComparison.Ordinal) ? argument.TrimStart('-') : null;
        }
    }

    private static void LookAtArgument(string argument, string where, string container, Findings found)
    {
        if (SecretValue.Find(argument) is { } what)
            found.Add(PlaintextKind.Format, container, where, $"its {where}", $"holds {what}");
        else if (SecretValue.LooksRandom(argument.StartsWith('-') ? argument[(argument.IndexOf('=', StringComparison.Ordinal) + 1)..] : argument))
            found.Add(PlaintextKind.Entropy, container, where, $"its {where}", AsRandom);
    }

    /// <returns>Whether there are any to be told of.</returns>
    private static bool LookAtAssignments(string argument, string where, string container, Findings found)
    {
        var any = false;
        if (!argument.Contains('=', StringComparison.Ordinal) || !SecretName.MayBeIn(argument))
            return any;
        foreach (var word in argument.Split([' ', '\t', '\n', ';', '&'], StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = word.IndexOf('=', StringComparison.Ordinal);
            var name = equals > 0 ? word[..equals].TrimStart('-') : "";
            if (!IsNameOfASecret(name) || !IsMeant(word[(equals + 1)..].Trim('"', '\'').TrimStart('=')))
                continue;
            found.Add(PlaintextKind.Name, container, name, $"{Foreign.Plain(name)} in its {where}", ByName);
            any = true;
        }

        return any;
    }

    private static (PlaintextKind Kind, string Reason)? Judge(string name, string value)
    {
        if (SecretValue.Find(value) is { } what)
            return (PlaintextKind.Format, $"holds {what}");
        if (SecretName.IsOfASecret(name) && IsMeant(value))
            return (PlaintextKind.Name, ByName);
        return SecretValue.LooksRandom(value) ? (PlaintextKind.Entropy, AsRandom) : null;
    }

    /// <summary>A name is told. In a command line it may be a part of a key instead, which <c>=</c> or <c>-</c> made look like one.</summary>
    private static bool IsNameOfASecret(string name) =>
        name.Length <= MaxNameLength && SecretName.IsOfASecret(name) && !SecretValue.LooksRandom(name);

    /// <summary>A value that could be a secret: written out here, and neither a switch nor the path of a file.</summary>
    private static bool IsMeant(string value) =>
        SecretValue.IsLiteral(value) && value is not ("true" or "false" or "none" or "null" or "-") && value[0] is not ('/' or '@');

    private static string Variable(string name) => $"environment variable {Foreign.Plain(name)}";

    private static string MadeOf(JsonElement secret) =>
        $"is made of the Secret {Foreign.Quote(PodTree.Name(secret))}, which child processes and crash dumps inherit";
}
