using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using SidecarAgent.Broker.Audit;
using SidecarAgent.Broker.Secrets;
using SidecarAgent.V1;

using static SidecarAgent.Broker.Api.WorkloadRequests;

namespace SidecarAgent.Broker.Api;

internal sealed partial class BrokerAdminService
{
    public override async Task<TraceVersionResponse> TraceVersion(TraceVersionRequest request, ServerCallContext context)
    {
        var by = await authentication.OperatorAsync(context);
        var history = await gate.TraceAsync(
            by, Path(request.Path), Version(request.Version, "version"), context.CancellationToken);
        return new TraceVersionResponse
        {
            Version = history.Version,
            Stored = history.Stored is not null,
            CreatedAt = history.Stored?.CreatedAt.ToTimestamp(),
            CreatedBy = history.Stored?.CreatedBy ?? "",
            ActiveSince = history.ActiveSince?.ToTimestamp(),
            Fields = { (history.Stored?.Fields ?? []).Select(Traced) },
            Events = { history.Records.Select(Event) },
            Truncated = history.Truncated,
        };
    }

    private static TracedField Traced(StoredField field) => new()
    {
        Name = field.Name,
        Class = Responses.Class(field.Class),
        Generated = field.Generator is not null,
        KeyId = field.Sealed.Key.KeyId,
    };

    private static TraceEvent Event(AuditRecord record) => new()
    {
        AuditSequence = (ulong)record.Sequence,
        Time = record.Time.ToTimestamp(),
        Action = record.Action,
        Allowed = record.Allowed,
        Operator = record.Operator ?? "",
        Workload = record.Workload is null ? null : Responses.Workload(record.Workload),
        LeaseId = record.LeaseId ?? "",
        Detail = record.Detail ?? "",
    };
}
