using System.CommandLine;
using System.Text.Json.Nodes;
using Google.Protobuf.WellKnownTypes;
using SidecarAgent.Broker.Secrets;
using SidecarAgent.Ctl.Output;
using SidecarAgent.Ctl.Secrets;
using SidecarAgent.V1;

namespace SidecarAgent.Ctl;

/// <summary><c>policy explain --as NS/SA [--pod POD] | --as spiffe://... PATH [--field NAME]...</c></summary>
internal sealed class PolicyExplainCommand
{
    private readonly Argument<SecretPath> _path = SecretPathArgument.Create();
    private readonly Option<WorkloadIdentity> _identity = new("--as")
    {
        Description = "The workload that would ask.",
        HelpName = WorkloadName.Form,
        Required = true,
        CustomParser = WorkloadName.Parse,
    };
    private readonly Option<string?> _pod = new("--pod")
    {
        Description = "Its pod, for policies that use {pod}.",
        HelpName = "POD",
        CustomParser = KubernetesName.ParseName,
    };
    private readonly Option<string?> _issuer = new("--issuer")
    {
        Description = "The issuer of its token, for policies that name one.",
        HelpName = "ISSUER",
    };
    private readonly Option<string[]> _fields = new("--field")
    {
        Description = "A field it would ask for by name; may be repeated.",
        HelpName = "NAME",
        Arity = ArgumentArity.OneOrMore,
        DefaultValueFactory = _ => [],
    };

    private PolicyExplainCommand()
    {
    }

    public static Command Create(Cli cli)
    {
        var explain = new PolicyExplainCommand();
        var command = new Command(
            "explain", "Says what the policies decide for a workload and a path, and which of them does.")
        {
            explain._path, explain._identity, explain._pod, explain._issuer, explain._fields,
        };
        cli.AskBroker(command, async (parsed, broker, cancellation) =>
            Explained(await broker.ExplainPolicyAsync(explain.Request(parsed), cancellationToken: cancellation)));
        return command;
    }

    /// <exception cref="CommandFailedException">Two of the options contradict each other.</exception>
    private ExplainPolicyRequest Request(ParseResult parsed)
    {
        var (workload, pod, issuer) = (parsed.GetRequiredValue(_identity), parsed.GetValue(_pod), parsed.GetValue(_issuer));
        if (workload.SpiffeId.Length > 0 && (pod ?? issuer) is not null)
            throw CommandFailedException.Usage("a SPIFFE ID has no pod, and names its trust domain itself: leave --pod and --issuer out");
        return new ExplainPolicyRequest
        {
            Workload = new WorkloadIdentity(workload) { Pod = pod ?? "", Issuer = issuer ?? "" },
            Path = parsed.GetRequiredValue(_path).ToString(),
            Fields = { parsed.GetRequiredValue(_fields) },
        };
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
        Lines = [$"{(response.Allowed ? "yes" : "no")}: {response.Explanation}", .. Terms(response)],
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
