using SidecarAgent.Broker.Credentials;
using SidecarAgent.Broker.Identity;
using SidecarAgent.Broker.Leases;
using SidecarAgent.Broker.Secrets;
using SidecarAgent.V1;

using static SidecarAgent.Broker.Api.WorkloadRequests;

namespace SidecarAgent.Broker.Api;

/// <summary>Checks which leases operators ask for.</summary>
internal static class LeaseRequests
{
    private const int LongestName = 253;

    /// <exception cref="RequestFailedException">The message names the field, what it had and what was expected.</exception>
    public static (LeaseFilter Filter, string After, int Limit) Page(ListLeasesRequest request)
    {
        Require(request.PageSize <= 1000, $"page_size: 1 to 1000 are allowed, got {request.PageSize}");
        Require(request.PageToken.Length <= 64, "page_token: not one that this broker gave");
        var filter = new LeaseFilter
        {
            Prefix = Text(request.Prefix, "prefix", SecretPath.MaxLength),
            Namespace = Text(request.Namespace, "namespace", LongestName),
            ServiceAccount = Text(request.ServiceAccount, "service_account", LongestName),
            Pod = Text(request.Pod, "pod", LongestName),
            Node = Text(request.Node, "node", LongestName),
            State = State(request.State),
        };
        if (request.SpiffeId.Length > 0)
            filter = OfSpiffe(filter, request.SpiffeId);
        return (filter, request.PageToken, request.PageSize == 0 ? 1000 : (int)request.PageSize);
    }

    /// <returns>Exactly one of them.</returns>
    public static (string? Id, string? Prefix) What(RevokeLeasesRequest request)
    {
        switch (request.WhatCase)
        {
            case RevokeLeasesRequest.WhatOneofCase.LeaseId:
                RequireLeaseId(request.LeaseId, "lease_id");
                return (request.LeaseId, null);
            case RevokeLeasesRequest.WhatOneofCase.Prefix:
                Require(request.Prefix.Length > 0, "prefix: at least one character is expected");
                return (null, Text(request.Prefix, "prefix", SecretPath.MaxLength));
            default:
                throw Invalid("expected a lease_id or a prefix");
        }
    }

    private static LeaseFilter OfSpiffe(LeaseFilter filter, string id)
    {
        Require(
            (filter.Namespace, filter.ServiceAccount, filter.Pod, filter.Node) == ("", "", "", ""),
            "spiffe_id: excludes namespace, service_account, pod and node, which a SPIFFE ID does not have");
        Require(SpiffeId.TryParse(id, out var trustDomain, out var path), "spiffe_id: expected a SPIFFE ID");
        return filter with { Issuer = trustDomain, ServiceAccount = path };
    }

    private static string Text(string text, string name, int longest)
    {
        Require(
            text.Length <= longest && !text.Any(char.IsControl),
            $"{name}: at most {longest} characters are allowed, none of them a control character");
        return text;
    }

    private static CredentialState State(LeaseState state) => state switch
    {
        LeaseState.Unspecified or LeaseState.Live => CredentialState.Live,
        LeaseState.Revoking => CredentialState.Revoking,
        LeaseState.Irrevocable => CredentialState.Irrevocable,
        _ => throw Invalid($"state: expected LIVE, REVOKING or IRREVOCABLE, got {(int)state}"),
    };
}
