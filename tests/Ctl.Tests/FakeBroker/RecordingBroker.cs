using System.Collections.Concurrent;
using Google.Protobuf;
using Grpc.Core;
using SidecarAgent.V1;

namespace SidecarAgent.Ctl.Tests.FakeBroker;

/// <summary>
/// A broker's administration service that remembers what it was asked and answers what it was told to, at first with
/// <see cref="Recorded"/>.
/// </summary>
internal sealed class RecordingBroker : BrokerAdmin.BrokerAdminBase
{
    private readonly ConcurrentQueue<IMessage> _requests = new();
    private readonly ConcurrentDictionary<Type, Queue<IMessage>> _answers = new();

    /// <summary>Thrown by every call, once set.</summary>
    public RpcException? Failure { get; set; }

    /// <summary>Thrown by what sets a schedule, once set.</summary>
    public RpcException? ScheduleFailure { get; set; }

    /// <summary>The authorization metadata of the last call; null: it had none.</summary>
    public string? Authorization { get; private set; }

    /// <summary>The only request so far.</summary>
    public T Only<T>() where T : IMessage => Assert.IsType<T>(Assert.Single(_requests));

    public IReadOnlyList<T> All<T>() where T : IMessage => [.. _requests.OfType<T>()];

    /// <summary>Answers of one kind, one after the other; the last one stays.</summary>
    public void Answer(params IMessage[] answers) => _answers[answers[0].GetType()] = new Queue<IMessage>(answers);

    public override Task<PutSecretResponse> PutSecret(PutSecretRequest request, ServerCallContext context) =>
        Reply(request, context, Recorded.Put);

    public override Task<ActivateVersionResponse> ActivateVersion(ActivateVersionRequest request, ServerCallContext context) =>
        Reply(request, context, Recorded.Activate);

    public override Task<RotateSecretResponse> RotateSecret(RotateSecretRequest request, ServerCallContext context) =>
        Reply(request, context, Recorded.Rotate);

    public override Task<TaintSecretResponse> TaintSecret(TaintSecretRequest request, ServerCallContext context) =>
        Reply(request, context, new TaintSecretResponse { Rotation = Recorded.Rotation });

    public override Task<CheckPoliciesResponse> CheckPolicies(CheckPoliciesRequest request, ServerCallContext context) =>
        Reply(request, context, new CheckPoliciesResponse { Policies = 1, Leases = 7 });

    public override Task<DeleteVersionsResponse> DeleteVersions(DeleteVersionsRequest request, ServerCallContext context) =>
        Reply(request, context, new DeleteVersionsResponse { Versions = { request.Versions } });

    public override Task<UndeleteVersionsResponse> UndeleteVersions(UndeleteVersionsRequest request, ServerCallContext context) =>
        Reply(request, context, new UndeleteVersionsResponse());

    public override Task<DestroyVersionsResponse> DestroyVersions(DestroyVersionsRequest request, ServerCallContext context) =>
        Reply(request, context, new DestroyVersionsResponse { Erased = true });

    public override async Task WatchRotation(
        WatchRotationRequest request, IServerStreamWriter<WatchRotationResponse> responseStream, ServerCallContext context)
    {
        await Reply(request, context, new WatchRotationResponse());
        foreach (var rotation in Followed)
            await responseStream.WriteAsync(new WatchRotationResponse { Rotation = rotation });
    }

    public override Task<GetRotationResponse> GetRotation(GetRotationRequest request, ServerCallContext context) =>
        Reply(request, context, new GetRotationResponse { Rotation = Recorded.Rotation, Schedule = Recorded.Schedule });

    public override Task<ListRotationsResponse> ListRotations(ListRotationsRequest request, ServerCallContext context) =>
        Reply(request, context, new ListRotationsResponse { Rotations = { Recorded.Rotation } });

    public override Task<AbortRotationResponse> AbortRotation(AbortRotationRequest request, ServerCallContext context) =>
        Reply(request, context, new AbortRotationResponse { Rotation = Recorded.Rotation });

    public override Task<ResumeRotationResponse> ResumeRotation(ResumeRotationRequest request, ServerCallContext context) =>
        Reply(request, context, new ResumeRotationResponse { Rotation = Recorded.Rotation });

    public override Task<SetRotationScheduleResponse> SetRotationSchedule(
        SetRotationScheduleRequest request, ServerCallContext context) =>
        ScheduleFailure is not null ? throw ScheduleFailure : Reply(request, context, new SetRotationScheduleResponse { Schedule = request.Schedule is null ? null : Recorded.Schedule });

    /// <summary>What <c>WatchRotation</c> says, one after the other.</summary>
    public IReadOnlyList<Rotation> Followed { get; set; } = [];

    public override Task<ListSecretsResponse> ListSecrets(ListSecretsRequest request, ServerCallContext context) =>
        Reply(request, context, Recorded.Secrets);

    public override Task<ListVersionsResponse> ListVersions(ListVersionsRequest request, ServerCallContext context) =>
        Reply(request, context, Recorded.Versions);

    public override Task<GetSecretResponse> GetSecret(GetSecretRequest request, ServerCallContext context) =>
        Reply(request, context, Recorded.Secret);

    public override Task<ListHoldersResponse> ListHolders(ListHoldersRequest request, ServerCallContext context) =>
        Reply(request, context, Recorded.Holders);

    public override Task<TraceVersionResponse> TraceVersion(TraceVersionRequest request, ServerCallContext context) =>
        Reply(request, context, Recorded.Trace);

    public override Task<ListLeasesResponse> ListLeases(ListLeasesRequest request, ServerCallContext context) =>
        Reply(request, context, RecordedLeases.Listed);

    public override Task<RevokeLeasesResponse> RevokeLeases(RevokeLeasesRequest request, ServerCallContext context) =>
        Reply(request, context, RecordedLeases.Revoked);

    public override Task<RevokeResponse> Revoke(RevokeRequest request, ServerCallContext context) =>
        Reply(request, context, Recorded.Revoked);

    /// <summary>What RevokeAndWatch sends before it ends.</summary>
    public IReadOnlyList<RevokeAndWatchResponse> Revocation { get; set; } = [];

    public override async Task RevokeAndWatch(
        RevokeAndWatchRequest request, IServerStreamWriter<RevokeAndWatchResponse> responseStream, ServerCallContext context)
    {
        await Reply(request, context, new RevokeAndWatchResponse());
        foreach (var step in Revocation)
            await responseStream.WriteAsync(step);
    }

    public override Task<ListCutOffsResponse> ListCutOffs(ListCutOffsRequest request, ServerCallContext context) =>
        Reply(request, context, Recorded.CutOffs);

    public override Task<LiftCutOffResponse> LiftCutOff(LiftCutOffRequest request, ServerCallContext context) =>
        Reply(request, context, new LiftCutOffResponse());

    public override Task<ExplainPolicyResponse> ExplainPolicy(ExplainPolicyRequest request, ServerCallContext context) =>
        Reply(request, context, Recorded.Explained);

    public override Task<GetKeyStatusResponse> GetKeyStatus(GetKeyStatusRequest request, ServerCallContext context) =>
        Reply(request, context, Recorded.KeyStatus);

    public override Task<RotateKeyResponse> RotateKey(RotateKeyRequest request, ServerCallContext context) =>
        Reply(request, context, Recorded.RotatedKey);

    /// <summary>What RewrapKeys sends before it ends.</summary>
    public IReadOnlyList<RewrapKeysResponse> Rewrap { get; set; } = Recorded.Rewrapped;

    public override async Task RewrapKeys(
        RewrapKeysRequest request, IServerStreamWriter<RewrapKeysResponse> responseStream, ServerCallContext context)
    {
        _requests.Enqueue(request);
        Authorization = context.RequestHeaders.GetValue("authorization");
        foreach (var step in Rewrap)
            await responseStream.WriteAsync(step);
        if (Failure is not null)
            throw Failure;
    }

    private Task<T> Reply<T>(IMessage request, ServerCallContext context, T recorded) where T : IMessage
    {
        _requests.Enqueue(request);
        Authorization = context.RequestHeaders.GetValue("authorization");
        if (Failure is not null)
            throw Failure;
        if (!_answers.TryGetValue(typeof(T), out var answers))
            return Task.FromResult(recorded);
        return Task.FromResult((T)(answers.Count > 1 ? answers.Dequeue() : answers.Peek()));
    }
}
