using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using SidecarAgent.Broker.Configuration;
using SidecarAgent.Broker.Policy;
using SidecarAgent.V1;

using static SidecarAgent.Broker.Api.WorkloadRequests;

namespace SidecarAgent.Broker.Api;

/// <summary>The calls of operators: who is it, what do they want, ask the gate, say it.</summary>
internal sealed partial class BrokerAdminService(
    Authentication authentication, Gate gate, KeyKeeping keys, RotationOptions rotation, IHostApplicationLifetime lifetime)
    : BrokerAdmin.BrokerAdminBase
{
    public override async Task<PutSecretResponse> PutSecret(PutSecretRequest request, ServerCallContext context)
    {
        var by = await authentication.OperatorAsync(context);
        var path = Path(request.Path);
        var fields = OperatorRequests.NewFields(request.Fields);
        try
        {
            ulong? expected = request.HasExpectedVersion ? Version(request.ExpectedVersion, "expected_version") : null;
            var version = await gate.PutAsync(by, path, fields, !request.Inactive, expected, context.CancellationToken);
            return new PutSecretResponse { Version = version };
        }
        finally
        {
            foreach (var field in fields)
                field.Value?.Dispose();
            OperatorRequests.Wipe(request);
        }
    }

    public override async Task<ActivateVersionResponse> ActivateVersion(
        ActivateVersionRequest request, ServerCallContext context)
    {
        var by = await authentication.OperatorAsync(context);
        var version = Version(request.Version, "version");
        var previous = await gate.ActivateAsync(by, Path(request.Path), version, context.CancellationToken);
        return new ActivateVersionResponse { PreviousVersion = previous };
    }

    public override async Task<ListSecretsResponse> ListSecrets(ListSecretsRequest request, ServerCallContext context)
    {
        var by = await authentication.OperatorAsync(context);
        var (prefix, after, limit) = OperatorRequests.Page(request);
        var found = await gate.ListAsync(by, prefix, after, limit + 1, context.CancellationToken);
        var page = found.Take(limit).ToList();
        return new ListSecretsResponse
        {
            NextPageToken = found.Count > limit ? page[^1].Head.Path.ToString() : "",
            Secrets =
            {
                page.Select(secret => new SecretSummary
                {
                    Path = secret.Head.Path.ToString(),
                    ActiveVersion = secret.Head.ActiveVersion,
                    NewestVersion = secret.Head.NewestVersion,
                    ActivatedAt = secret.Head.ActivatedAt?.ToTimestamp(),
                    Holders = (uint)secret.Holders,
                }),
            },
        };
    }

    public override async Task<ListVersionsResponse> ListVersions(ListVersionsRequest request, ServerCallContext context)
    {
        var by = await authentication.OperatorAsync(context);
        var (head, versions) = await gate.VersionsAsync(by, Path(request.Path), context.CancellationToken);
        return new ListVersionsResponse
        {
            Versions =
            {
                versions.Select(version => new VersionSummary
                {
                    Version = version.Version,
                    Active = version.Version == head.ActiveVersion,
                    CreatedAt = version.CreatedAt.ToTimestamp(),
                    CreatedBy = version.CreatedBy,
                    DeletedAt = version.DeletedAt?.ToTimestamp(),
                    DestroyedAt = version.DestroyedAt?.ToTimestamp(),
                    Fields =
                    {
                        version.Fields.Select(field => new FieldSummary
                        {
                            Name = field.Name,
                            Class = Responses.Class(field.Class),
                            Generated = field.Generator is not null,
                        }),
                    },
                }),
            },
        };
    }

    public override async Task<GetSecretResponse> GetSecret(GetSecretRequest request, ServerCallContext context)
    {
        var by = await authentication.OperatorAsync(context);
        var path = Path(request.Path);
        var wanted = Version(request.Version, "version");
        var (active, version, fields) = await gate.ShowAsync(by, path, wanted, request.Reveal, context.CancellationToken);
        foreach (var field in fields)
            context.GetHttpContext().Response.RegisterForDispose(field);
        return new GetSecretResponse { Version = version, Active = active, Fields = { fields.Select(Responses.Field) } };
    }

    public override async Task<ListHoldersResponse> ListHolders(ListHoldersRequest request, ServerCallContext context)
    {
        var by = await authentication.OperatorAsync(context);
        var holders = await gate.HoldersAsync(by, Path(request.Path), context.CancellationToken);
        return new ListHoldersResponse
        {
            Holders = { holders.Select(holder => Responses.Holder(holder.Lease, holder.Connected)) },
        };
    }

    public override async Task<ListLeasesResponse> ListLeases(ListLeasesRequest request, ServerCallContext context)
    {
        var by = await authentication.OperatorAsync(context);
        var (filter, after, limit) = LeaseRequests.Page(request);
        var found = await gate.ListLeasesAsync(by, filter, after, limit + 1, context.CancellationToken);
        var page = found.Take(limit).ToList();
        return new ListLeasesResponse
        {
            NextPageToken = found.Count > limit ? page[^1].Id : "",
            Leases = { page.Select(LeaseResponses.Summary) },
        };
    }

    public override async Task<RevokeLeasesResponse> RevokeLeases(RevokeLeasesRequest request, ServerCallContext context)
    {
        var by = await authentication.OperatorAsync(context);
        var (id, prefix) = LeaseRequests.What(request);
        var (ended, retried) = id is not null
            ? await gate.RevokeLeaseAsync(by, id, context.CancellationToken)
            : await gate.RevokeLeasesAsync(by, prefix!, context.CancellationToken);
        return new RevokeLeasesResponse { LeasesEnded = (uint)ended, AccountsRetried = (uint)retried };
    }

    public override async Task<RevokeResponse> Revoke(RevokeRequest request, ServerCallContext context)
    {
        var by = await authentication.OperatorAsync(context);
        var (kind, target) = OperatorRequests.Target(request.Target);
        var reason = Sentence(request.Reason, "reason");
        var (cutOff, ended, told) = await gate.RevokeAsync(by, kind, target, reason, context.CancellationToken);
        var holders = ended.Select(lease => lease.Workload).DistinctBy(workload => workload.Holder).ToList();
        return new RevokeResponse
        {
            CutOffId = cutOff.Id,
            LeasesEnded = (uint)ended.Count,
            HoldersTold = (uint)holders.Count(workload => told.Contains(workload.Holder)),
            NotReached = { holders.Where(workload => !told.Contains(workload.Holder)).Select(Responses.Workload) },
        };
    }

    public override async Task<ListCutOffsResponse> ListCutOffs(ListCutOffsRequest request, ServerCallContext context)
    {
        var by = await authentication.OperatorAsync(context);
        var cutOffs = await gate.ListCutOffsAsync(by, context.CancellationToken);
        return new ListCutOffsResponse { CutOffs = { cutOffs.Select(Responses.CutOff) } };
    }

    public override async Task<LiftCutOffResponse> LiftCutOff(LiftCutOffRequest request, ServerCallContext context)
    {
        var by = await authentication.OperatorAsync(context);
        await gate.LiftCutOffAsync(by, Sentence(request.Id, "id"), context.CancellationToken);
        return new LiftCutOffResponse();
    }

    public override async Task<ExplainPolicyResponse> ExplainPolicy(ExplainPolicyRequest request, ServerCallContext context)
    {
        var by = await authentication.OperatorAsync(context);
        var (decision, cutOff) = await gate.ExplainAsync(
            by, OperatorRequests.Workload(request.Workload), Path(request.Path), Fields(request.Fields),
            context.CancellationToken);
        var response = new ExplainPolicyResponse { Allowed = decision is Decision.Allowed && cutOff is null };
        response.Explanation = cutOff is null
            ? decision.Explanation
            : $"{cutOff.Explanation} (the policies alone: {decision.Explanation})";
        if (decision is Decision.Allowed allowed)
        {
            response.Policy = allowed.Policy;
            response.Fields.AddRange((allowed.Fields ?? new HashSet<string>()).Order(StringComparer.Ordinal));
            response.Ttl = allowed.Ttl.ToDuration();
            response.MaxTtl = allowed.MaxTtl.ToDuration();
        }

        return response;
    }
}
