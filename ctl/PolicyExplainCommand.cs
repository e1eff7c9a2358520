using System.CommandLine;
using System.Text.Json.Nodes;
using Google.Protobuf.WellKnownTypes;
using SidecarAgent.Ctl.Output;
using SidecarAgent.Ctl.Secrets;
using SidecarAgent.V1;

namespace SidecarAgent.Ctl;

/// <summary><c>policy explain --as NS/SA [--pod POD] PATH [--field NAME]...</c></summary>
internal static class PolicyExplainCommand
{
    public static Command Create(Cli cli)
    {
        var path = SecretPathArgument.Create();
        var identity = new Option<NamespacedName>("--as")
        {
            Description = "The workload that would ask.",
            HelpName = "NAMESPACE/SERVICEACCOUNT",
            Required = true,
            CustomParser = KubernetesName.ParseNamespaced,
        };
        var pod = new Option<string?>("--pod")
        {
            Description = "Its pod, for policies that use {pod}.",
            HelpName = "POD",
            CustomParser = KubernetesName.ParseName,
        };
        var fields = new Option<string[]>("--field")
        {
            Description = "A field it would ask for by name; may be repeated.",
            HelpName = "NAME",
            Arity = ArgumentArity.OneOrMore,
            DefaultValueFactory = _ => [],
        };
        var command = new Command("explain", "Says what the policies decide for a workload and a path, and which of them does.")
        {
            path, identity, pod, fields,
        };
        cli.AskBroker(command, async (parsed, broker, cancellation) =>
        {
            var workload = parsed.GetRequiredValue(identity);
            var request = new ExplainPolicyRequest
            {
                Workload = new WorkloadIdentity
                {
                    Namespace = workload.Namespace,
                    ServiceAccount = workload.Name,
                    Pod = parsed.GetValue(pod) ?? "",
                },
                Path = parsed.GetRequiredValue(path).ToString(),
                Fields = { parsed.GetRequiredValue(fields) },
            };
            return Explained(await broker.ExplainPolicyAsync(request, cancellationToken: cancellation));
        });
        return command;
    }

    private static Answer Explained(ExplainPolicyResponse response) => new(new JsonObject
    {
        ["allowed"] = response.Allowed,
        ["explanation"] = response.Explanation,
        ["policy"] = response.Policy,
        ["fields"] = new JsonArray([.. response.Fields.Select(f => JsonValue.Create(f))]),
        ["ttlSeconds"] = Seconds(response.Ttl),
        ["maxTtlSeconds"] = Seconds(response.MaxTtl),
    })
    {
        Lines = [$"{(response.Allowed ? "allowed" : "denied")}: {response.Explanation}", .. Terms(response)],
    };

    private static IEnumerable<string> Terms(ExplainPolicyResponse response)
    {
        if (!response.Allowed)
            yield break;
        yield return $"fields: {(response.Fields.Count == 0 ? "all" : string.Join(", ", response.Fields))}";
        yield return $"lease: {Text(response.Ttl)}, renewable up to {Text(response.MaxTtl)}";
    }

    private static double? Seconds(Duration? duration) => duration?.ToTimeSpan().TotalSeconds;

    private static string Text(Duration? duration) => duration is null ? "no limit" : Durations.Text(duration.ToTimeSpan());
}
