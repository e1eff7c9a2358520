using System.Text;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using SidecarAgent.V1;
using Field = SidecarAgent.V1.Field;

namespace SidecarAgent.Ctl.Tests.FakeBroker;

/// <summary>What a broker answers about <c>kv/shop/orders</c>, which two pods hold.</summary>
internal static class Recorded
{
    /// <summary>The one value that must never be seen without --reveal.</summary>
    public const string SecretValue = "hunter2-Zq7&+";

    public const string CutOffId = "01jd9f2k7x";

    public static TraceVersionResponse Trace => new()
    {
        Version = 3,
        Stored = true,
        CreatedAt = At,
        CreatedBy = "local",
        ActiveSince = At,
        Fields =
        {
            new TracedField { Name = "password", Class = FieldClass.Secret, Generated = true, KeyId = "file:0011" },
            new TracedField { Name = "username", Class = FieldClass.Identifier, KeyId = "file:0011" },
        },
        Events =
        {
            new TraceEvent { AuditSequence = 7, Time = At, Action = "put", Allowed = true, Operator = "local" },
            new TraceEvent
            {
                AuditSequence = 9,
                Time = At,
                Action = "issue",
                Allowed = true,
                LeaseId = "lease-a",
                Workload = new WorkloadIdentity
                {
                    Namespace = "shop", ServiceAccount = "orders", Pod = "orders-7c9f-a", PodUid = "uid-a", Node = "node-1",
                },
            },
        },
    };

    public static Timestamp At { get; } = new() { Seconds = 1795384252, Nanos = 250_000_000 };

    public static PutSecretResponse Put => new() { Version = 3 };

    public static ActivateVersionResponse Activate => new() { PreviousVersion = 3 };

    public static RotateSecretResponse Rotate => new() { Rotation = Rotation, Began = true };

    /// <summary>One holder of two has acknowledged; the other has rejected.</summary>
    public static Rotation Rotation => new()
    {
        Id = "0123456789abcdef",
        Path = "kv/shop/orders",
        State = Rotation.Types.State.Waiting,
        Trigger = Rotation.Types.Trigger.Request,
        By = "local",
        FromVersion = 3,
        ToVersion = 4,
        StartedAt = At,
        ActivatedAt = At,
        Deadline = new Timestamp { Seconds = At.Seconds + 3600 },
        Holders = 2,
        Acknowledged = 1,
        Behind = 1,
        Rejected = 1,
        Laggards =
        {
            new Laggard
            {
                Workload = Pod("orders-7c9f-b", "node-2"), Version = 3, Rejected = true, Reason = "the template has no end",
            },
        },
    };

    public static RotationSchedule Schedule => new()
    {
        Every = new Duration { Seconds = 86400 },
        NextDue = new Timestamp { Seconds = At.Seconds + 86400 },
        SetBy = "local",
    };

    public static ListSecretsResponse Secrets => new()
    {
        Secrets =
        {
            new SecretSummary { Path = "kv/shop/api", NewestVersion = 1 },
            new SecretSummary { Path = "kv/shop/orders", ActiveVersion = 2, NewestVersion = 3, ActivatedAt = At, Holders = 2 },
        },
    };

    public static ListVersionsResponse Versions => new()
    {
        Versions =
        {
            new VersionSummary
            {
                Version = 3,
                CreatedAt = At,
                CreatedBy = "system:serviceaccount:ops:alice",
                Fields = { Password, Username },
            },
            new VersionSummary { Version = 2, Active = true, CreatedAt = At, CreatedBy = "local", Fields = { Password, Username } },
        },
    };

    /// <summary>A broker that has forgotten that nobody asked for a reveal.</summary>
    public static GetSecretResponse Secret => new()
    {
        Version = 2,
        Active = true,
        Fields =
        {
            new Field { Name = "password", Class = FieldClass.Secret, Value = ByteString.CopyFromUtf8(SecretValue) },
            new Field { Name = "unclassified", Value = ByteString.CopyFromUtf8(SecretValue) },
            new Field { Name = "username", Class = FieldClass.Identifier, Value = ByteString.CopyFromUtf8("orders") },
        },
    };

    public static ListHoldersResponse Holders => new()
    {
        Holders =
        {
            new Holder
            {
                Workload = Pod("orders-7c9f-a", "node-1"),
                LeaseId = "lease-a",
                Version = 2,
                IssuedAt = At,
                ExpiresAt = new Timestamp { Seconds = At.Seconds + 3600 },
                Outcome = Acknowledgement.Types.Outcome.Applied,
                AcknowledgedAt = At,
                Connected = true,
            },
            new Holder
            {
                Workload = Pod("orders-7c9f-b", "node-2"),
                LeaseId = "lease-b",
                Version = 1,
                IssuedAt = At,
                ExpiresAt = new Timestamp { Seconds = At.Seconds + 3600 },
                Outcome = Acknowledgement.Types.Outcome.Rejected,
                AcknowledgedAt = At,
                Reason = "the template has no end",
            },
        },
    };

    public static RevokeResponse Revoked => new()
    {
        CutOffId = CutOffId,
        LeasesEnded = 2,
        HoldersTold = 1,
        NotReached = { Pod("orders-7c9f-b", "node-2") },
    };

    public static ListCutOffsResponse CutOffs => new()
    {
        CutOffs =
        {
            new CutOff
            {
                Id = CutOffId,
                Target = new Target { Workload = "shop/orders" },
                Reason = "stolen laptop",
                Since = At,
                By = "local",
            },
            new CutOff { Id = "01jd9f2k7y", Target = new Target { All = true }, Since = At, By = "local" },
        },
    };

    public static ExplainPolicyResponse Explained => new()
    {
        Allowed = true,
        Explanation = "policy 'orders' grants kv/shop/orders to shop/orders",
        Policy = "orders",
        Fields = { "password", "username" },
        Ttl = Duration.FromTimeSpan(TimeSpan.FromHours(1)),
        MaxTtl = Duration.FromTimeSpan(TimeSpan.FromDays(1)),
    };

    public static GetKeyStatusResponse KeyStatus => new()
    {
        Keys =
        {
            new KeySummary { KeyId = "file:00112233aabbccdd", Fields = 12, Configured = true },
            new KeySummary { KeyId = "file:99", Fields = 1 },
            new KeySummary { KeyId = "kms:key-2", Current = true, Configured = true, Fields = 340 },
        },
        Services = { new KeyService { Name = "kms unix:///run/kms.sock", Problem = "it is not healthy", LastAnswer = At } },
    };

    public static RotateKeyResponse RotatedKey => new()
    {
        KeyId = "file:ffeeddcc44332211",
        PreviousKeyId = "file:00112233aabbccdd",
        PreviousFile = "/etc/sidecar-broker/kek.00112233aabbccdd",
    };

    public static IReadOnlyList<RewrapKeysResponse> Rewrapped =>
    [
        new() { KeyId = "kms:key-2", Total = 40 },
        new() { KeyId = "kms:key-2", Total = 40, Done = 20 },
        new() { KeyId = "kms:key-2", Total = 40, Done = 40 },
        new() { KeyId = "kms:key-2", Total = 40, Done = 40, Finished = true },
    ];

    /// <summary>Every form in which the value could slip out.</summary>
    public static IEnumerable<string> FormsOfSecretValue =>
        [SecretValue, "hunter2", Convert.ToBase64String(Encoding.UTF8.GetBytes(SecretValue))];

    private static FieldSummary Password => new() { Name = "password", Class = FieldClass.Secret, Generated = true };

    private static FieldSummary Username => new() { Name = "username", Class = FieldClass.Identifier };

    private static WorkloadIdentity Pod(string name, string node) => new()
    {
        Namespace = "shop",
        ServiceAccount = "orders",
        Pod = name,
        PodUid = $"uid-of-{name}",
        Node = node,
    };
}
