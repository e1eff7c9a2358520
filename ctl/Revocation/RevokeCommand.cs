using System.CommandLine;
using System.Text.Json.Nodes;
using Google.Protobuf.Collections;
using Google.Protobuf.WellKnownTypes;
using SidecarAgent.Ctl.Output;
using SidecarAgent.V1;

namespace SidecarAgent.Ctl.Revocation;

/// <summary>
/// <c>revoke --workload NS/SA | --pod NS/POD | --node NODE | --secret PATH | --namespace NS | --all --yes [--watch]</c>
/// </summary>
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
        var watch = new Option<bool>("--watch")
        {
            Description = "Follow it: holders told, accounts dropped; exit code 1 if anything was not reached.",
        };
        var deadline = new Option<TimeSpan?>("--deadline")
        {
            Description = "How long --watch follows it at most, 1s to 1h. Default: 30s",
            HelpName = "DURATION",
            CustomParser = result => Durations.Parser(TimeSpan.FromSeconds(1), TimeSpan.FromHours(1))(result),
        };
        var command = new Command(
            "revoke", "Break-glass: takes secrets away now, and refuses them until 'cut-off lift'.")
        {
            reason, watch, deadline,
        };
        target.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetResult(deadline) is { Implicit: false } && !result.GetValue(watch))
                result.AddError("--deadline is how long --watch follows it; add --watch");
        });
        cli.AskBroker(command, async (parsed, broker, cancellation) =>
        {
            var request = new RevokeRequest { Target = target.Read(parsed), Reason = parsed.GetRequiredValue(reason) };
            if (!parsed.GetValue(watch))
                return Revoked(request.Target, await broker.RevokeAsync(request, cancellationToken: cancellation));
            var followed = new RevokeAndWatchRequest { Revoke = request, Deadline = parsed.GetValue(deadline)?.ToDuration() };
            return RevocationWords.Ended(
                request.Target, await cli.RevocationView(parsed).FollowAsync(broker, followed, cancellation));
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
