using Grpc.Core;
using SidecarAgent.V1;
using SidecarAgent.Yaml;

namespace SidecarAgent.Broker.Api;

internal sealed partial class BrokerAdminService
{
    public override async Task<CheckPoliciesResponse> CheckPolicies(CheckPoliciesRequest request, ServerCallContext context)
    {
        var by = await authentication.OperatorAsync(context);
        var files = PolicyRequests.Files(request.Files);
        try
        {
            var (policies, comparison) = await gate.CheckPoliciesAsync(by, files, context.CancellationToken);
            return new CheckPoliciesResponse
            {
                Policies = (uint)policies.Count,
                Leases = (ulong)comparison.Leases,
                Losses = { comparison.Losses.Select(PolicyRequests.Loss) },
                Truncated = comparison.IsTruncated,
            };
        }
        catch (InvalidYamlException e)
        {
            return new CheckPoliciesResponse { Problems = { e.Problems.Select(PolicyRequests.Problem) } };
        }
    }
}
