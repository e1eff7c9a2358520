using SidecarAgent.Ctl.Tests.FakeBroker;
using SidecarAgent.V1;

namespace SidecarAgent.Ctl.Tests;

/// <summary><c>rotate</c>, <c>holders</c>, <c>revoke</c>, <c>cut-off</c> and <c>policy explain</c>.</summary>
public sealed class OperatingCommandsTests : IAsyncLifetime
{
    private Operator _operator = null!;

    public async Task InitializeAsync() => _operator = await Operator.CreateAsync();

    public Task DisposeAsync() => _operator.DisposeAsync().AsTask();

    public static TheoryData<string[], Target> Targets => new()
    {
        { ["--workload", "shop/orders"], new Target { Workload = "shop/orders" } },
        { ["--workload", "spiffe://prod.example/ns/shop/sa/orders"], new Target { Workload = "spiffe://prod.example/ns/shop/sa/orders" } },
        { ["--pod", "shop/orders-7c9f.a"], new Target { Pod = "shop/orders-7c9f.a" } },
        { ["--node", "node-1.example"], new Target { Node = "node-1.example" } },
        { ["--secret", "kv/shop/orders"], new Target { Secret = "kv/shop/orders" } },
        { ["--namespace", "shop"], new Target { Namespace = "shop" } },
        { ["--all", "--yes"], new Target { All = true } },
    };

    [Fact]
    public async Task Rotate_says_the_new_version_and_how_many_will_be_told()
    {
        var run = await _operator.RunAsync("rotate", "kv/shop/orders");

        Assert.Equal(
            "kv/shop/orders: version 4 is served now; 2 holders will be told: 'sidecarctl rotation show kv/shop/orders' shows how far it got\n",
            run.MustSucceed().Output);
        Assert.Equal("kv/shop/orders", _operator.Broker.Only<RotateSecretRequest>().Path);
    }

    [Fact]
    public async Task Rotate_of_what_nobody_holds_says_so()
    {
        _operator.Broker.Answer(new RotateSecretResponse { Rotation = new Rotation { Path = "kv/shop/orders", State = Rotation.Types.State.Done, ToVersion = 9 }, Began = true });

        var run = await _operator.RunAsync("rotate", "kv/shop/orders");

        Assert.Equal("kv/shop/orders: version 9 is served now; nobody holds it\n", run.MustSucceed().Output);
    }

    [Fact]
    public async Task Holders_say_who_is_behind_and_why()
    {
        var run = await _operator.RunAsync("holders", "kv/shop/orders");

        Assert.Equal(
            """
            WORKLOAD     POD            NODE    VERSION  EXPIRES               CONNECTED  OUTCOME
            shop/orders  orders-7c9f-a  node-1  2        2026-11-22 22:50:52Z  yes        applied
            shop/orders  orders-7c9f-b  node-2  1        2026-11-22 22:50:52Z  no         rejected: the template has no end

            """,
            run.MustSucceed().Output);
    }

    [Fact]
    public async Task Holders_are_a_document_with_leases()
    {
        var run = await _operator.RunAsync("holders", "kv/shop/orders", "-o", "json");

        var holder = run.MustSucceed().Json[0]!;
        Assert.Equal("lease-a", (string?)holder["leaseId"]);
        Assert.Equal("uid-of-orders-7c9f-a", (string?)holder["workload"]!["podUid"]);
        Assert.Equal("applied", (string?)holder["outcome"]);
    }

    [Fact]
    public async Task Trace_tells_who_made_a_version_which_key_wraps_it_and_who_was_given_it()
    {
        var run = await _operator.RunAsync("trace", "kv/shop/orders@3");

        Assert.Equal(
            """
            kv/shop/orders, version 3, active since 2026-11-22 21:50:52Z
            made 2026-11-22 21:50:52Z by local
            wrapped by file:0011: password (generated), username
            ENTRY  TIME                  ACTION  WHO          POD            NODE    LEASE    DETAIL
            7      2026-11-22 21:50:52Z  put     local        -              -       -
            9      2026-11-22 21:50:52Z  issue   shop/orders  orders-7c9f-a  node-1  lease-a

            """,
            run.MustSucceed().Output);
        Assert.Equal(new TraceVersionRequest { Path = "kv/shop/orders", Version = 3 }, _operator.Broker.Only<TraceVersionRequest>());
    }

    [Fact]
    public async Task Trace_is_a_document_for_programs()
    {
        var run = await _operator.RunAsync("trace", "kv/shop/orders", "-o", "json");

        Assert.Equal("file:0011", (string?)run.MustSucceed().Json["fields"]![0]!["keyId"]);
        Assert.Equal("node-1", (string?)run.Json["events"]![1]!["workload"]!["node"]);
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task Revoke_cuts_off_what_was_named(string[] options, Target expected)
    {
        var run = await _operator.RunAsync(["revoke", .. options, "--reason", "stolen laptop"]);

        run.MustSucceed();
        Assert.Equal(
            new RevokeRequest { Target = expected, Reason = "stolen laptop" }, _operator.Broker.Only<RevokeRequest>());
    }

    [Fact]
    public async Task Revoke_says_who_was_not_reached_and_how_to_undo_it()
    {
        var run = await _operator.RunAsync("revoke", "--workload", "shop/orders");

        Assert.Equal(
            """
            workload shop/orders is cut off: 2 leases ended, 1 holder told
            1 holder not connected, who will learn of it when they come back:
              shop/orders, pod orders-7c9f-b on node node-2
            'sidecarctl cut-off lift 01jd9f2k7x' ends it

            """,
            run.MustSucceed().Output);
    }

    [Fact]
    public async Task Revoke_is_a_document_too()
    {
        var run = await _operator.RunAsync("revoke", "--workload", "shop/orders", "-o", "json");

        Assert.Equal(Recorded.CutOffId, (string?)run.MustSucceed().Json["cutOffId"]);
        Assert.Equal("orders-7c9f-b", (string?)run.Json["notReached"]![0]!["pod"]);
    }

    [Fact]
    public async Task Cut_offs_are_listed_with_their_targets()
    {
        var table = await _operator.RunAsync("cut-off", "list");
        var json = await _operator.RunAsync("cut-off", "list", "-o", "json");

        Assert.Equal(
            """
            ID          TARGET                SINCE                 BY     REASON
            01jd9f2k7x  workload shop/orders  2026-11-22 21:50:52Z  local  stolen laptop
            01jd9f2k7y  everybody             2026-11-22 21:50:52Z  local

            """,
            table.MustSucceed().Output);
        Assert.Equal("""{"kind":"workload","name":"shop/orders"}""", json.Json[0]!["target"]!.ToJsonString());
    }

    [Fact]
    public async Task A_cut_off_is_lifted_by_its_id()
    {
        var run = await _operator.RunAsync("cut-off", "lift", Recorded.CutOffId);

        Assert.Equal("01jd9f2k7x is lifted; its targets are served again, unless another cut-off is about them\n", run.MustSucceed().Output);
        Assert.Equal(Recorded.CutOffId, _operator.Broker.Only<LiftCutOffRequest>().Id);
    }

    [Fact]
    public async Task Explain_says_which_policy_decides_and_the_terms()
    {
        var run = await _operator.RunAsync(
            "policy", "explain", "--as", "shop/orders", "--pod", "orders-7c9f-a", "kv/shop/orders", "--field", "password");

        Assert.Equal(
            """
            yes: policy 'orders' grants kv/shop/orders to shop/orders
            fields: password, username
            lease: 1h, renewable up to 1d

            """,
            run.MustSucceed().Output);
        Assert.Equal(
            new ExplainPolicyRequest
            {
                Workload = new WorkloadIdentity { Namespace = "shop", ServiceAccount = "orders", Pod = "orders-7c9f-a" },
                Path = "kv/shop/orders",
                Fields = { "password" },
            },
            _operator.Broker.Only<ExplainPolicyRequest>());
    }

    [Fact]
    public async Task Explain_takes_a_SPIFFE_ID_which_says_its_issuer_itself()
    {
        const string Id = "spiffe://prod.example/ns/shop/sa/orders";
        await _operator.RunAsync("policy", "explain", "--as", Id, "kv/shop/orders");
        var refused = await _operator.RunAsync("policy", "explain", "--as", Id, "kv/shop/orders", "--issuer", "https://other");

        Assert.Equal(
            new ExplainPolicyRequest { Workload = new WorkloadIdentity { SpiffeId = Id }, Path = "kv/shop/orders" },
            _operator.Broker.Only<ExplainPolicyRequest>());
        Assert.Equal(2, refused.Code);
        Assert.Contains("leave --pod and --issuer out", refused.Error);
    }

    [Fact]
    public async Task Explain_of_a_denial_is_an_answer_and_no_failure()
    {
        _operator.Broker.Answer(new ExplainPolicyResponse { Explanation = "no policy names shop/orders" });

        var table = await _operator.RunAsync("policy", "explain", "--as", "shop/orders", "kv/x");
        var json = await _operator.RunAsync("policy", "explain", "--as", "shop/orders", "kv/x", "-o", "json");

        Assert.Equal("no: no policy names shop/orders\n", table.MustSucceed().Output);
        Assert.False((bool?)json.MustSucceed().Json["allowed"]);
    }
}
