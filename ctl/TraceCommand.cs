using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using SidecarAgent.Broker.Audit;
using SidecarAgent.Broker.Secrets;
using SidecarAgent.Ctl.Output;
using SidecarAgent.Ctl.Secrets;
using SidecarAgent.V1;

namespace SidecarAgent.Ctl;

/// <summary><c>trace PATH[@VERSION]</c></summary>
internal static class TraceCommand
{
    public static Command Create(Cli cli)
    {
        var what = VersionedPath.Argument();
        var command = new Command(
            "trace", "Tells a version's chain of trust: who made it, which keys wrap it, who was given it, and what became of it.")
        {
            what,
        };
        cli.AskBroker(command, async (parsed, broker, cancellation) =>
        {
            var (path, version) = parsed.GetRequiredValue(what);
            var request = new TraceVersionRequest { Path = path.ToString(), Version = version };
            return Traced(path, await broker.TraceVersionAsync(request, cancellationToken: cancellation));
        });
        return command;
    }

    private static Answer Traced(SecretPath path, TraceVersionResponse trace) => new(new JsonObject
    {
        ["path"] = path.ToString(),
        ["version"] = trace.Version,
        ["stored"] = trace.Stored,
        ["createdAt"] = Moment.Exact(trace.CreatedAt),
        ["createdBy"] = trace.CreatedBy,
        ["activeSince"] = Moment.Exact(trace.ActiveSince),
        ["fields"] = new JsonArray([.. trace.Fields.Select(field => new JsonObject
        {
            ["name"] = field.Name,
            ["class"] = FieldClasses.Name(field.Class),
            ["generated"] = field.Generated,
            ["keyId"] = field.KeyId,
        })]),
        ["events"] = new JsonArray([.. trace.Events.Select(Document)]),
        ["truncated"] = trace.Truncated,
    })
    {
        Lines = [.. Lines(path, trace)],
        Table = new Table(
            "The audit log says nothing of it.",
            ["ENTRY", "TIME", "ACTION", "WHO", "POD", "NODE", "LEASE", "DETAIL"],
            [.. trace.Events.Select(Row)]),
    };

    private static IEnumerable<string> Lines(SecretPath path, TraceVersionResponse trace)
    {
        yield return $"{path}, version {trace.Version}, "
            + (trace.ActiveSince is { } since ? $"active since {Moment.Short(since)}" : "not active");
        if (!trace.Stored)
            yield return "it is no longer stored; this is what the audit log knows";
        else
            yield return $"made {Moment.Short(trace.CreatedAt)} by {trace.CreatedBy}";
        foreach (var key in trace.Fields.GroupBy(field => field.KeyId))
            yield return $"wrapped by {key.Key}: {string.Join(", ", key.Select(Name))}";
        if (trace.Events.Any(entry => IsHashed(entry.Operator) || IsHashed(entry.Workload)))
            yield return "identifiers are hashed in the audit log: 'sidecarctl audit hash VALUE --key-file FILE' makes the one to look for";
        if (trace.Truncated)
            yield return "there are older entries in the audit log; these are the newest";
    }

    private static bool IsHashed(WorkloadIdentity? workload) => workload is not null
        && (IsHashed(workload.Namespace) || IsHashed(workload.ServiceAccount) || IsHashed(workload.SpiffeId)
            || IsHashed(workload.Pod) || IsHashed(workload.PodUid) || IsHashed(workload.Node));

    private static bool IsHashed(string text) => text.StartsWith(IdentifierHash.Prefix, StringComparison.Ordinal);

    private static string Name(TracedField field) => field.Generated ? $"{field.Name} (generated)" : field.Name;

    private static JsonObject Document(TraceEvent entry) => new()
    {
        ["entry"] = entry.AuditSequence,
        ["time"] = Moment.Exact(entry.Time),
        ["action"] = entry.Action,
        ["allowed"] = entry.Allowed,
        ["operator"] = entry.Operator,
        ["workload"] = entry.Workload is null ? null : Identities.Document(entry.Workload),
        ["leaseId"] = entry.LeaseId,
        ["detail"] = entry.Detail,
    };

    private static string[] Row(TraceEvent entry) =>
    [
        entry.AuditSequence.ToString(CultureInfo.InvariantCulture),
        Moment.Short(entry.Time),
        entry.Allowed ? entry.Action : $"{entry.Action} (denied)",
        entry.Operator.Length > 0 ? entry.Operator : Identities.Name(entry.Workload),
        Identities.OrNone(entry.Workload?.Pod),
        Identities.OrNone(entry.Workload?.Node),
        Identities.OrNone(entry.LeaseId),
        entry.Detail,
    ];
}
