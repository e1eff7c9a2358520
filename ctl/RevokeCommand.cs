using System.CommandLine;
using System.Text.Json.Nodes;
using Google.Protobuf.Collections;
using SidecarAgent.Ctl.Output;
using SidecarAgent.V1;

namespace SidecarAgent.Ctl;

/// <summary><c>revoke --workload NS/SA | --pod NS/POD | --node NODE | --secret PATH | --namespace NS | --all --yes</c></summary>
internal static class RevokeCommand
{
    private const int MaxReason = 512;

    public static Command Create(Cli cli)
    {
        var target = new RevokeTarget();
        var reason = new Option<string>("--reason")
        {
            Description = "One sentence for the audit log and for the holders' logs.",
            HelpName = "TEXT",
            DefaultValueFactory = _ => "",
        };
        reason.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string>()?.Length > MaxReason)
                result.AddError($"--reason has at most {MaxReason} characters");
        });
        var command = new Command(
            "revoke", "Break-glass: takes secrets away now, and refuses them until 'cut-off lift'.") { reason };
        target.AddTo(command);
        cli.AskBroker(command, async (parsed, broker, cancellation) =>
        {
            var request = new RevokeRequest { Target = target.Read(parsed), Reason = parsed.GetRequiredValue(reason) };
            return Revoked(request.Target, await broker.RevokeAsync(request, cancellationToken: cancellation));
        });
        return command;
    }

    private static Answer Revoked(Target target, RevokeResponse response) => new(new JsonObject
    {
        ["cutOffId"] = response.CutOffId,
        ["leasesEnded"] = response.LeasesEnded,
        ["holdersTold"] = response.HoldersTold,
        ["notReached"] = new JsonArray([.. response.NotReached.Select(Identities.Document)]),
    })
    {
        Lines =
        [
            $"{Targets.Sentence(target)} is cut off: {Quantity.Of(response.LeasesEnded, "lease")} ended, "
                + $"{Quantity.Of(response.HoldersTold, "holder")} told",
            .. NotReached(response.NotReached),
            $"'sidecarctl cut-off lift {response.CutOffId}' ends it",
        ],
    };

    private static IEnumerable<string> NotReached(RepeatedField<WorkloadIdentity> workloads)
    {
        if (workloads.Count == 0)
            yield break;
        yield return $"{Quantity.Of(workloads.Count, "holder")} not connected, who will learn of it when they come back:";
        foreach (var workload in workloads)
        {
            yield return $"  {Identities.Name(workload)}, "
                + $"pod {Identities.OrNone(workload.Pod)} on node {Identities.OrNone(workload.Node)}";
        }
    }
}
