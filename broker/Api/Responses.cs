using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using SidecarAgent.Broker.Identity;
using SidecarAgent.Broker.Leases;
using SidecarAgent.Broker.Secrets;
using SidecarAgent.V1;

namespace SidecarAgent.Broker.Api;

/// <summary>
/// Says on the wire what the broker has found. Values are not copied: they are overwritten after they are sent.
/// </summary>
internal static class Responses
{
    public static SecretUpdate Update(SecretPath path, Outcome outcome, DateTimeOffset now)
    {
        var update = new SecretUpdate { Path = path.ToString() };
        switch (outcome)
        {
            case Outcome.Issued issued:
                update.Issued = new Issued
                {
                    Version = issued.Lease.Version,
                    Lease = Lease(issued.Lease, now),
                    ActivatedAt = issued.ActivatedAt.ToTimestamp(),
                    Fields = { issued.Fields.Select(Field) },
                };
                break;
            case Outcome.Confirmed confirmed:
                update.Confirmed = new Confirmed { Version = confirmed.Lease.Version, Lease = Lease(confirmed.Lease, now) };
                break;
            case Outcome.Revoked revoked:
                update.Revoked = new Revoked { Message = revoked.Denial.Message };
                break;
            case Outcome.Denied denied:
                update.Denied = new Denied { Reason = Reason(denied.Denial.Reason), Message = denied.Denial.Message };
                break;
            case Outcome.Failed failed:
                update.Failed = new Failed { Message = failed.Message, RetryAfter = failed.RetryAfter.ToDuration() };
                break;
            default:
                throw new InvalidOperationException($"No message for {outcome.GetType().Name}.");
        }

        return update;
    }

    public static V1.Lease Lease(Leases.Lease lease, DateTimeOffset now) => new()
    {
        Id = lease.Id,
        ExpiresIn = Left(lease.ExpiresAt, now),
        MaxExpiresIn = Left(lease.MaxExpiresAt, now),
    };

    public static V1.Field Field(OpenField field) => new()
    {
        Name = field.Name,
        Class = Class(field.Class),
        Value = field.Value is { } value ? UnsafeByteOperations.UnsafeWrap(value.Memory) : ByteString.Empty,
    };

    public static V1.FieldClass Class(Secrets.FieldClass fieldClass) =>
        fieldClass == Secrets.FieldClass.Identifier ? V1.FieldClass.Identifier : V1.FieldClass.Secret;

    public static V1.Renewal Renewal(string id, Leases.Renewal renewal, DateTimeOffset now) => renewal switch
    {
        Leases.Renewal.Renewed renewed => new V1.Renewal { LeaseId = id, Lease = Lease(renewed.Lease, now) },
        Leases.Renewal.Ended ended => new V1.Renewal { LeaseId = id, Ended = new Ended { Message = ended.Message } },
        _ => throw new InvalidOperationException($"No message for {renewal.GetType().Name}."),
    };

    public static WorkloadIdentity Workload(Workload workload) => new()
    {
        Issuer = workload.Issuer,
        SpiffeId = workload.Spiffe ?? "",
        Namespace = workload.Namespace,
        ServiceAccount = workload.Spiffe is null ? workload.ServiceAccount : "",
        Pod = workload.Pod ?? "",
        PodUid = workload.PodUid ?? "",
        Node = workload.Node ?? "",
    };

    public static Holder Holder(Leases.Lease lease, bool connected) => new()
    {
        Workload = Workload(lease.Workload),
        LeaseId = lease.Id,
        Version = lease.Version,
        IssuedAt = lease.IssuedAt.ToTimestamp(),
        ExpiresAt = lease.ExpiresAt.ToTimestamp(),
        Outcome = lease.Verdict?.Outcome switch
        {
            VerdictOutcome.Applied => Acknowledgement.Types.Outcome.Applied,
            VerdictOutcome.Rejected => Acknowledgement.Types.Outcome.Rejected,
            _ => Acknowledgement.Types.Outcome.Unspecified,
        },
        AcknowledgedAt = lease.Verdict?.At.ToTimestamp(),
        Reason = lease.Verdict?.Reason ?? "",
        Connected = connected,
    };

    public static V1.CutOff CutOff(Leases.CutOff cutOff) => new()
    {
        Id = cutOff.Id,
        Target = Target(cutOff),
        Reason = cutOff.Reason,
        Since = cutOff.Since.ToTimestamp(),
        By = cutOff.By,
    };

    private static Target Target(Leases.CutOff cutOff) => cutOff.Kind switch
    {
        CutOffKind.Workload => new Target { Workload = cutOff.Target },
        CutOffKind.Pod => new Target { Pod = cutOff.Target },
        CutOffKind.Node => new Target { Node = cutOff.Target },
        CutOffKind.Secret => new Target { Secret = cutOff.Target },
        CutOffKind.Namespace => new Target { Namespace = cutOff.Target },
        CutOffKind.All => new Target { All = true },
        _ => throw new InvalidOperationException($"No message for {cutOff.Kind}."),
    };

    private static Denied.Types.Reason Reason(DenialReason reason) => reason switch
    {
        DenialReason.NoGrant => Denied.Types.Reason.NoGrant,
        DenialReason.NotFound => Denied.Types.Reason.NotFound,
        DenialReason.CutOff => Denied.Types.Reason.CutOff,
        DenialReason.FieldNotFound => Denied.Types.Reason.FieldNotFound,
        _ => throw new InvalidOperationException($"No message for {reason}."),
    };

    private static Duration Left(DateTimeOffset end, DateTimeOffset now) =>
        (end > now ? end - now : TimeSpan.Zero).ToDuration();
}
