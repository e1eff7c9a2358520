using Google.Protobuf.Collections;
using Grpc.Core;
using SidecarAgent.V1;

using static SidecarAgent.Broker.Api.WorkloadRequests;

namespace SidecarAgent.Broker.Api;

internal sealed partial class BrokerAdminService
{
    private const int MostVersions = 100;

    public override async Task<DeleteVersionsResponse> DeleteVersions(DeleteVersionsRequest request, ServerCallContext context)
    {
        var by = await authentication.OperatorAsync(context);
        var (versions, ended, withdrawn, _) = await gate.DeleteAsync(
            by, Path(request.Path), Numbers(request.Versions, least: 0), destroy: false, request.Active, context.CancellationToken);
        return new DeleteVersionsResponse { Versions = { versions }, LeasesEnded = (uint)ended, Withdrawn = withdrawn };
    }

    public override async Task<UndeleteVersionsResponse> UndeleteVersions(
        UndeleteVersionsRequest request, ServerCallContext context)
    {
        var by = await authentication.OperatorAsync(context);
        await gate.UndeleteAsync(by, Path(request.Path), Numbers(request.Versions, least: 1), context.CancellationToken);
        return new UndeleteVersionsResponse();
    }

    public override async Task<DestroyVersionsResponse> DestroyVersions(DestroyVersionsRequest request, ServerCallContext context)
    {
        var by = await authentication.OperatorAsync(context);
        var (_, ended, withdrawn, erased) = await gate.DeleteAsync(
            by, Path(request.Path), Numbers(request.Versions, least: 1), destroy: true, request.Active, context.CancellationToken);
        return new DestroyVersionsResponse { LeasesEnded = (uint)ended, Withdrawn = withdrawn, Erased = erased };
    }

    private static IReadOnlyList<ulong> Numbers(RepeatedField<ulong> versions, int least)
    {
        Require(
            versions.Count >= least && versions.Count <= MostVersions,
            $"versions: {least} to {MostVersions} are allowed, got {versions.Count}");
        Require(versions.All(version => version > 0), "versions: the first version is 1");
        return [.. versions.Distinct().Select(version => Version(version, "versions"))];
    }
}
