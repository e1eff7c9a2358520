using SidecarAgent.Ctl.Tests.FakeBroker;
using SidecarAgent.V1;

namespace SidecarAgent.Ctl.Tests;

/// <summary><c>lease list</c> and <c>lease revoke</c>.</summary>
public sealed class LeaseCommandsTests : IAsyncLifetime
{
    private Operator _operator = null!;

    public async Task InitializeAsync() => _operator = await Operator.CreateAsync();

    public Task DisposeAsync() => _operator.DisposeAsync().AsTask();

    [Fact]
    public async Task Leases_are_listed_by_path_with_the_accounts_that_were_made_for_them()
    {
        var run = await _operator.RunAsync("lease", "list");

        Assert.Equal(
            """
            ID  PATH                   VERSION  WORKLOAD     POD       NODE    EXPIRES               ACCOUNT
            a   database/creds/orders  3        shop/orders  orders-0  node-1  2026-11-22 22:50:52Z  sa-orders-x7
            b   kv/shop/orders         3        shop/orders  orders-0  node-1  2026-11-22 22:50:52Z  -

            """,
            run.MustSucceed().Output);
        Assert.Equal(LeaseState.Live, _operator.Broker.Only<ListLeasesRequest>().State);
    }

    [Fact]
    public async Task Every_filter_reaches_the_broker()
    {
        await _operator.RunAsync("lease", "list", "--prefix", "database/", "--workload", "shop/orders", "--node", "node-1", "--revoking");

        var request = _operator.Broker.Only<ListLeasesRequest>();
        Assert.Equal(
            ("database/", "shop", "orders", "node-1", LeaseState.Revoking),
            (request.Prefix, request.Namespace, request.ServiceAccount, request.Node, request.State));
    }

    [Fact]
    public async Task A_workload_may_be_a_SPIFFE_ID()
    {
        await _operator.RunAsync("lease", "list", "--workload", "spiffe://prod.example/ns/shop/sa/orders", "--prefix", "kv/");

        Assert.Equal(
            new ListLeasesRequest { Prefix = "kv/", SpiffeId = "spiffe://prod.example/ns/shop/sa/orders", State = LeaseState.Live },
            _operator.Broker.Only<ListLeasesRequest>());
    }

    [Fact]
    public async Task What_could_not_be_dropped_says_why_and_steers_no_terminal()
    {
        _operator.Broker.Answer(RecordedLeases.Irrevocable);

        var run = await _operator.RunAsync("lease", "list", "--irrevocable");
        var document = await _operator.RunAsync("lease", "list", "--irrevocable", "-o", "json");

        Assert.Contains("sa-orders-y8", run.MustSucceed().Output);
        Assert.Contains("291", run.Output);
        Assert.Contains(@"\u001B[31manother database", run.Output);
        Assert.Equal("irrevocable", (string?)document.MustSucceed().Json[0]!["state"]);
        Assert.Null(document.Json[0]!["expiresAt"]);
    }

    [Theory]
    [InlineData("--workload shop/orders --namespace other", "different namespaces")]
    [InlineData("--revoking --irrevocable", "exclude each other")]
    [InlineData("--workload spiffe://prod.example/a --namespace shop", "a SPIFFE ID has no namespace")]
    [InlineData("--workload spiffe://prod.example/a --pod shop/orders-0", "a SPIFFE ID has no namespace")]
    [InlineData("--workload spiffe://prod.example/a --node node-1", "a SPIFFE ID has no namespace")]
    [InlineData("--workload spiffe://Prod//a", "a SPIFFE ID is expected")]
    [InlineData("--workload orders", "a name and its namespace are expected")]
    public async Task What_cannot_be_meant_is_not_asked(string options, string problem)
    {
        var run = await _operator.RunAsync(["lease", "list", .. options.Split(' ')]);

        Assert.Equal(2, run.Code);
        Assert.Contains(problem, run.Error);
    }

    [Theory]
    [InlineData("a", "a", "")]
    [InlineData("--prefix database/", "", "database/")]
    public async Task Revoke_ends_one_lease_or_all_below_a_prefix(string arguments, string id, string prefix)
    {
        var run = await _operator.RunAsync(["lease", "revoke", .. arguments.Split(' ')]);

        Assert.Equal("2 leases ended; holders that still ask get new ones\n", run.MustSucceed().Output);
        var request = _operator.Broker.Only<RevokeLeasesRequest>();
        Assert.Equal((id, prefix), (request.LeaseId, request.Prefix));
    }

    [Fact]
    public async Task Revoke_says_what_is_tried_again()
    {
        _operator.Broker.Answer(new RevokeLeasesResponse { AccountsRetried = 1 });

        var run = await _operator.RunAsync("lease", "revoke", "c");

        Assert.Contains("1 account of leases that had ended before will be tried again now", run.MustSucceed().Output);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a --prefix b")]
    public async Task Revoke_wants_exactly_one_of_them(string arguments)
    {
        var run = await _operator.RunAsync(["lease", "revoke", .. arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);

        Assert.Equal(2, run.Code);
        Assert.Contains("either an ID or --prefix", run.Error);
    }
}
