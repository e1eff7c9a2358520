using Google.Protobuf;
using Grpc.Core;
using SidecarAgent.V1;

namespace SidecarAgent.Broker.Tests.Api;

/// <summary>Bad requests: each has one clear error, and the table says which.</summary>
public sealed class BadRequestTests(BadRequestTests.OneBroker one) : IClassFixture<BadRequestTests.OneBroker>
{
    private static readonly string Long = new('x', 65);

    private static readonly Dictionary<string, (StatusCode Code, string Reason, string Says, Func<RunningBroker, Task> Call)> Rows = new()
    {
        ["no secrets"] = Invalid("secrets: 1 to 128", b => b.Client().FetchAsync(new FetchRequest())),
        ["129 secrets"] = Invalid("got 129", b => b.Client().FetchAsync(
            Requests.Fetch([.. Enumerable.Range(0, 129).Select(n => $"kv/{n}")]))),
        ["a path twice"] = Invalid("twice", b => b.Client().FetchAsync(Requests.Fetch("kv/a", "kv/a"))),
        ["an empty path"] = Invalid("secrets[0].path", b => b.Client().FetchAsync(Requests.Fetch(""))),
        ["a path that climbs"] = Invalid("'..'", b => b.Client().FetchAsync(Requests.Fetch("kv/../a"))),
        ["a path with a leading slash"] = Invalid("empty segments", b => b.Client().FetchAsync(Requests.Fetch("/kv/a"))),
        ["a path with a newline"] = Invalid("only letters", b => b.Client().FetchAsync(Requests.Fetch("kv/a\nb"))),
        ["a path of 257 characters"] = Invalid("256", b => b.Client().FetchAsync(Requests.Fetch("kv/" + new string('a', 254)))),
        ["a bad field name"] = Invalid("secrets[0].fields", b => b.Client().FetchAsync(
            Requests.Fetch(new SecretRequest { Path = "kv/a", Fields = { "a b" } }))),
        ["65 fields"] = Invalid("at most 64", b => b.Client().FetchAsync(Requests.Fetch(
            new SecretRequest { Path = "kv/a", Fields = { Enumerable.Range(0, 65).Select(n => $"f{n}") } }))),
        ["a lease id with spaces"] = Invalid("lease_id", b => b.Client().FetchAsync(Requests.Fetch(Requests.Secret("kv/a", "a b")))),
        ["a version beyond 63 bits"] = Invalid("held_version", b => b.Client().FetchAsync(
            Requests.Fetch(Requests.Secret("kv/a", "a", ulong.MaxValue)))),
        ["a watch of nothing"] = Invalid("secrets: 1 to 128", b => b.Client().Watch(new WatchRequest()).NextAsync()),
        ["no lease ids"] = Invalid("lease_ids: 1 to 128", b => b.Client().RenewAsync(new RenewRequest())),
        ["a lease id of 65 characters"] = Invalid("lease_ids[0]", b => b.Client().ReleaseAsync(new ReleaseRequest { LeaseIds = { Long } })),
        ["an acknowledgement without outcome"] = Invalid("outcome", b => Acknowledge(b, 0, "")),
        ["a rejection without reason"] = Invalid("needs a reason", b => Acknowledge(b, 2, "")),
        ["a reason of 513 characters"] = Invalid("at most 512", b => Acknowledge(b, 2, new string('x', 513))),
        ["a reason with a line break"] = Invalid("control characters", b => Acknowledge(b, 2, "one\ntwo")),
        ["a put of nothing"] = Invalid("fields: 1 to 64", b => b.Admin.PutSecretAsync(Requests.Put("kv/a"))),
        ["a put without mount"] = Invalid("there is no mount secret", b => b.Admin.PutSecretAsync(Requests.Put("secret/a", ("k", "v")))),
        ["a field without source"] = Invalid("value or a generator", b => b.Admin.PutSecretAsync(
            new PutSecretRequest { Path = "kv/a", Fields = { new NewField { Name = "k" } } })),
        ["a field twice"] = Invalid("twice", b => b.Admin.PutSecretAsync(Requests.Put("kv/a", ("k", "v"), ("k", "v")))),
        ["a field name of 65 characters"] = Invalid("1 to 64", b => b.Admin.PutSecretAsync(Requests.Put("kv/a", (Long, "v")))),
        ["a field of an unknown class"] = Invalid("class of k", b => b.Admin.PutSecretAsync(new PutSecretRequest
        {
            Path = "kv/a",
            Fields = { new NewField { Name = "k", Value = ByteString.Empty, Class = (FieldClass)7 } },
        })),
        ["a value of more than 64 KiB"] = Invalid("65537", b => b.Admin.PutSecretAsync(Requests.Put("kv/a", ("k", new string('x', 65537))))),
        ["values of more than 256 KiB"] = Invalid("262144", b => b.Admin.PutSecretAsync(
            Requests.Put("kv/a", [.. Enumerable.Range(0, 5).Select(n => ($"k{n}", new string('x', 60000)))]))),
        ["a message of more than 1 MiB"] = (StatusCode.ResourceExhausted, "", "", b => b.Admin.PutSecretAsync(
            Requests.Put("kv/a", ("k", new string('x', 2_000_000)))).ResponseAsync),
        ["a workload's message of more than 640 KiB"] = (StatusCode.ResourceExhausted, "", "", b => b.Client().FetchAsync(
            Requests.Fetch(new string('x', 700_000))).ResponseAsync),
        ["a generated value that is too short"] = Invalid("16 to 1024", b => b.Admin.PutSecretAsync(new PutSecretRequest
        {
            Path = "kv/a",
            Fields = { new NewField { Name = "k", Generate = new Generator { Length = 8 } } },
        })),
        ["a page of 1001"] = Invalid("page_size", b => b.Admin.ListSecretsAsync(new ListSecretsRequest { PageSize = 1001 })),
        ["a revocation of nobody"] = Invalid("target", b => b.Admin.RevokeAsync(new RevokeRequest())),
        ["a revocation of half a workload"] = Invalid("NAMESPACE/SERVICEACCOUNT", b => b.Admin.RevokeAsync(
            new RevokeRequest { Target = new Target { Workload = "shop" } })),
        ["a revocation of all that is none"] = Invalid("must be true", b => b.Admin.RevokeAsync(
            new RevokeRequest { Target = new Target { All = false } })),
        ["leases of a SPIFFE ID that is none"] = Invalid("spiffe_id: expected", b => b.Admin.ListLeasesAsync(
            new ListLeasesRequest { SpiffeId = "spiffe://Prod//x" })),
        ["leases of a SPIFFE ID on a node"] = Invalid("spiffe_id: excludes", b => b.Admin.ListLeasesAsync(
            new ListLeasesRequest { SpiffeId = "spiffe://prod/x", Node = "node1" })),
        ["an explanation for nobody"] = Invalid("workload.namespace", b => b.Admin.ExplainPolicyAsync(new ExplainPolicyRequest { Path = "kv/a" })),
        ["a secret that is not there"] = (StatusCode.NotFound, "SECRET_NOT_FOUND", "kv/none", b => b.Admin.GetSecretAsync(
            new GetSecretRequest { Path = "kv/none" }).ResponseAsync),
        ["the versions of what is not there"] = (StatusCode.NotFound, "SECRET_NOT_FOUND", "kv/none", b => b.Admin.ListVersionsAsync(
            new ListVersionsRequest { Path = "kv/none" }).ResponseAsync),
        ["a version that is not there"] = (StatusCode.NotFound, "VERSION_NOT_FOUND", "9", b => b.Admin.ActivateVersionAsync(
            new ActivateVersionRequest { Path = "kv/there", Version = 9 }).ResponseAsync),
        ["a rotation of what is not there"] = (StatusCode.NotFound, "SECRET_NOT_FOUND", "kv/none", b => b.Admin.RotateSecretAsync(
            new RotateSecretRequest { Path = "kv/none" }).ResponseAsync),
        ["no token"] = (StatusCode.Unauthenticated, "TOKEN_MISSING", "no token", b => new SecretBroker.SecretBrokerClient(
            b.TlsChannel()).FetchAsync(Requests.Fetch("kv/a")).ResponseAsync),
        ["a token that is none"] = (StatusCode.Unauthenticated, "TOKEN_INVALID", "", b => b.Client("nonsense").FetchAsync(
            Requests.Fetch("kv/a")).ResponseAsync),
        ["an expired token"] = (StatusCode.Unauthenticated, "TOKEN_EXPIRED", "", b => b.Client(
            b.Issuer.Token(lifetime: TimeSpan.FromHours(-1))).FetchAsync(Requests.Fetch("kv/a")).ResponseAsync),
        ["an operator without token over TLS"] = (StatusCode.Unauthenticated, "TOKEN_MISSING", "", b => new BrokerAdmin.BrokerAdminClient(
            b.TlsChannel()).ListSecretsAsync(new ListSecretsRequest()).ResponseAsync),
        ["a workload's call on the admin socket"] = (StatusCode.Unimplemented, "", "", b => new SecretBroker.SecretBrokerClient(
            b.SocketChannel()).FetchAsync(Requests.Fetch("kv/a")).ResponseAsync),
    };

    public static TheoryData<string> Names => [.. Rows.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_bad_request_has_the_right_status_reason_and_sentence(string name)
    {
        var (code, reason, says, call) = Rows[name];

        var failure = await Assert.ThrowsAsync<RpcException>(() => call(one.Broker));

        Assert.Equal((code, reason), (failure.StatusCode, failure.Reason()));
        Assert.Contains(says, failure.Status.Detail, StringComparison.Ordinal);
    }

    private static (StatusCode, string, string, Func<RunningBroker, Task>) Invalid<T>(
        string says, Func<RunningBroker, AsyncUnaryCall<T>> call) =>
        (StatusCode.InvalidArgument, "REQUEST_INVALID", says, broker => call(broker).ResponseAsync);

    private static (StatusCode, string, string, Func<RunningBroker, Task>) Invalid(
        string says, Func<RunningBroker, Task<WatchResponse>> call) =>
        (StatusCode.InvalidArgument, "REQUEST_INVALID", says, call);

    private static AsyncUnaryCall<AcknowledgeResponse> Acknowledge(RunningBroker broker, int outcome, string reason) =>
        broker.Client().AcknowledgeAsync(new AcknowledgeRequest
        {
            Acknowledgements =
            {
                new Acknowledgement
                {
                    LeaseId = "a",
                    Version = 1,
                    Outcome = (Acknowledgement.Types.Outcome)outcome,
                    Reason = reason,
                },
            },
        });

    public sealed class OneBroker : IAsyncLifetime
    {
        internal RunningBroker Broker { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            Broker = await RunningBroker.StartAsync();
            await Broker.Admin.PutSecretAsync(Requests.Put("kv/there", ("k", "v")));
        }

        public async Task DisposeAsync() => await Broker.DisposeAsync();
    }
}
