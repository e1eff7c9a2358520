using System.Text.Json.Nodes;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using SidecarAgent.Testing;
using SidecarAgent.V1;

namespace SidecarAgent.Broker.Tests.Identity;

/// <summary>Proofs of identity from the outside: a caller, a broker, and what the caller is told.</summary>
public sealed class WholeBrokerTests : IDisposable
{
    private const string ReviewPath = "/apis/authentication.k8s.io/v1/tokenreviews";

    private readonly TempDirectory _directory = TempDirectory.Create();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Whoever_may_open_the_socket_and_is_not_among_its_uids_is_refused()
    {
        await using var broker = await RunningBroker.StartAsync(socket: "{ socket: admin.sock, uids: [ 4294967294 ] }");

        var refused = await Assert.ThrowsAsync<RpcException>(
            async () => await broker.Admin.ListSecretsAsync(new ListSecretsRequest()));

        Assert.Equal(StatusCode.PermissionDenied, refused.StatusCode);
        Assert.Contains($"{RunningBroker.LocalOperator} is not among the 'uids' of the socket", refused.Status.Detail, StringComparison.Ordinal);
        Assert.Contains($"{RunningBroker.LocalOperator} is not among the ", broker.AuditLog, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_workload_with_a_JWT_SVID_is_given_what_a_policy_grants_its_SPIFFE_ID()
    {
        const string Id = "spiffe://prod.example/ns/shop/sa/orders";
        using var key = SigningKey.Es256();
        var jwk = key.PublicJwk();
        jwk["use"] = "jwt-svid";
        var bundle = _directory.Write("bundle.json", new JsonObject { ["keys"] = new JsonArray(jwk) }.ToJsonString());
        await using var broker = await RunningBroker.StartAsync(
            policies: $"policies: [ {{ name: p, subjects: [ {{ spiffe: '{Id}' }} ], grants: [ {{ paths: [ kv/shop/* ] }} ] }} ]",
            moreIssuers: $", {{ spiffe: {{ trustDomain: prod.example, bundle: {bundle} }}, audience: sidecar-broker }}");
        await broker.Admin.PutSecretAsync(Requests.Put("kv/shop/db", ("password", "one")));

        var given = await broker.Client(Svid(key, Id)).FetchAsync(Requests.Fetch("kv/shop/db"));
        var denied = await broker.Client(Svid(key, Id + "-other")).FetchAsync(Requests.Fetch("kv/shop/db"));
        var forged = await Assert.ThrowsAsync<RpcException>(
            async () => await broker.Client(Svid(broker.Issuer.Key, Id)).FetchAsync(Requests.Fetch("kv/shop/db")));

        var held = await broker.Admin.ListLeasesAsync(new ListLeasesRequest { SpiffeId = Id });
        var explained = await broker.Admin.ExplainPolicyAsync(
            new ExplainPolicyRequest { Workload = new WorkloadIdentity { SpiffeId = Id }, Path = "kv/shop/db" });

        var issued = Assert.Single(given.Updates).Issued;
        Assert.Equal("one", issued.Text());
        Assert.Equal(issued.Lease.Id, Assert.Single(held.Leases).Id);
        Assert.True(explained.Allowed);
        Assert.Equal(Denied.Types.Reason.NoGrant, Assert.Single(denied.Updates).Denied.Reason);
        Assert.Equal(StatusCode.Unauthenticated, forged.StatusCode);
        Assert.Contains(Id, broker.AuditLog, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_watch_ends_when_the_API_server_no_longer_accepts_the_token_it_was_opened_with()
    {
        var isDeleted = false;
        using var certificates = new TestCertificates(_directory.FullName);
        await using var apiServer = await IssuerServer.StartAsync(certificates);
        apiServer.Answers[ReviewPath] = context =>
        {
            context.Response.StatusCode = 201;
            return context.Response.WriteAsync(Review(Volatile.Read(ref isDeleted)).ToJsonString());
        };
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var broker = await RunningBroker.StartAsync(
            clock,
            issuerOptions: $", tokenReview: required, apiServer: '{apiServer.Address}', caFile: {certificates.CaFile}, "
                + $"tokenFile: {_directory.Write("token", "the-broker-s-own")}");
        await broker.Admin.PutSecretAsync(Requests.Put("kv/shop/db", ("password", "one")));
        using var watch = broker.Client().Watch(Requests.Watch("kv/shop/db"));
        Assert.Equal("one", (await watch.NextUpdateAsync()).Issued.Text());

        Volatile.Write(ref isDeleted, true);
        var end = watch.ResponseStream.MoveNext(CancellationToken.None);
        await Waiting.UntilAsync(() =>
        {
            clock.Advance(TimeSpan.FromSeconds(5));
            return end.IsCompleted;
        });

        var refused = await Assert.ThrowsAsync<RpcException>(() => end);
        Assert.Equal(StatusCode.Unauthenticated, refused.StatusCode);
        Assert.Contains("no longer accepts the token", refused.Status.Detail, StringComparison.Ordinal);
    }

    private static JsonObject Review(bool isDeleted) => new()
    {
        ["status"] = isDeleted
            ? new JsonObject { ["authenticated"] = false, ["error"] = "the pod is gone" }
            : new JsonObject
            {
                ["authenticated"] = true,
                ["audiences"] = new JsonArray("sidecar-broker"),
                ["user"] = new JsonObject { ["username"] = "system:serviceaccount:shop:orders" },
            },
    };

    private static string Svid(SigningKey key, string id)
    {
        var now = TimeProvider.System.GetUtcNow();
        return Jwt.Sign(
            new JsonObject { ["alg"] = "ES256", ["kid"] = key.KeyId, ["typ"] = "JWT" },
            new JsonObject
            {
                ["sub"] = id,
                ["aud"] = new JsonArray("sidecar-broker"),
                ["exp"] = now.AddMinutes(5).ToUnixTimeSeconds(),
                ["iat"] = now.ToUnixTimeSeconds(),
            },
            key);
    }
}
