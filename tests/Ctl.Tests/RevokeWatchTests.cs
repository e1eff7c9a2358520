using System.Text.Json.Nodes;
using SidecarAgent.V1;

namespace SidecarAgent.Ctl.Tests;

/// <summary><c>revoke --watch</c>.</summary>
public sealed class RevokeWatchTests : IAsyncLifetime
{
    private static readonly WorkloadIdentity Pod = new() { Namespace = "shop", ServiceAccount = "orders", Pod = "orders-1", Node = "node-2" };

    private Operator _operator = null!;

    public async Task InitializeAsync() => _operator = await Operator.CreateAsync();

    public Task DisposeAsync() => _operator.DisposeAsync().AsTask();

    [Fact]
    public async Task What_has_reached_everybody_ends_with_0()
    {
        _operator.Broker.Revocation = [Step(told: 1, dropped: 0), Step(told: 2, dropped: 3, finished: true)];

        var run = (await _operator.RunAsync("revoke", "--workload", "shop/orders", "--watch", "--deadline", "10s")).MustSucceed();

        Assert.Equal(
            """
            5 leases ended, 1 of 2 holders told, 0 of 3 accounts dropped
            workload shop/orders is cut off: 5 leases ended, 2 of 2 holders told, 3 of 3 accounts dropped
            'sidecarctl cut-off lift c1' ends it

            """, run.Output);
        var request = _operator.Broker.Only<RevokeAndWatchRequest>();
        Assert.Equal(("shop/orders", 10), (request.Revoke.Target.Workload, request.Deadline.Seconds));
    }

    [Fact]
    public async Task What_was_not_reached_is_named_and_ends_with_1()
    {
        var end = Step(told: 0, dropped: 2, finished: true);
        end.NotReached.Add(new HolderNotReached { Workload = Pod });
        end.NotReached.Add(new HolderNotReached { Workload = new WorkloadIdentity { SpiffeId = "spiffe://prod/sa/x" }, Connected = true });
        end.NotDropped.Add(new AccountNotDropped { Workload = Pod, Path = "database/creds/orders", Account = "sa-orders-1", Problem = "connection refused" });
        _operator.Broker.Revocation = [end];

        var run = await _operator.RunAsync("revoke", "--workload", "shop/orders", "--watch");

        Assert.Equal(1, run.Code);
        Assert.Contains("  not told: shop/orders, pod orders-1 on node node-2: not connected; it learns of it when it comes back", run.Lines);
        Assert.Contains("  not told: spiffe://prod/sa/x, pod - on node -: connected, and does not read what it is told", run.Lines);
        Assert.Contains("  not dropped: sa-orders-1 of database/creds/orders, made for shop/orders, pod orders-1 on node node-2: connection refused", run.Lines);
        Assert.Contains("2 holders not told, 1 account not dropped", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Programs_get_a_document_for_each_step_and_the_report_as_the_last()
    {
        var end = Step(told: 1, dropped: 3, finished: true);
        end.NotReached.Add(new HolderNotReached { Workload = Pod });
        _operator.Broker.Revocation = [Step(told: 0, dropped: 0), Step(told: 1, dropped: 1), end];

        var run = await _operator.RunAsync("revoke", "--all", "--yes", "--watch", "--output", "json");

        var last = JsonNode.Parse(string.Join('\n', run.Lines.Skip(2)))!;
        Assert.Equal(1, run.Code);
        Assert.Equal([0, 1], run.Lines.Take(2).Select(line => (int)JsonNode.Parse(line)!["accountsDropped"]!));
        Assert.Equal((true, "orders-1"), ((bool)last["finished"]!, (string)last["notReached"]![0]!["workload"]!["pod"]!));
    }

    [Fact]
    public async Task A_terminal_sees_a_bar()
    {
        _operator.Surroundings = _operator.Surroundings with { TerminalWidth = 100 };
        _operator.Broker.Revocation = [Step(told: 1, dropped: 0), Step(told: 2, dropped: 3, finished: true)];

        var run = (await _operator.RunAsync("revoke", "--node", "node-1", "--watch")).MustSucceed();

        Assert.Contains("\u001b[", run.Output, StringComparison.Ordinal);
        Assert.Contains("━", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broker_that_ends_before_the_end_is_a_failure()
    {
        _operator.Broker.Revocation = [Step(told: 1, dropped: 0)];

        var run = await _operator.RunAsync("revoke", "--node", "node-1", "--watch");

        Assert.Equal(1, run.Code);
        Assert.Contains("'sidecarctl cut-off list' shows whether it is in force", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--deadline is how long --watch follows it", "--deadline", "10s")]
    [InlineData("1s", "--watch", "--deadline", "0s")]
    [InlineData("a SPIFFE ID is expected", "--workload", "spiffe://Prod//x")]
    public async Task What_cannot_be_meant_is_refused(string problem, params string[] options)
    {
        var run = await _operator.RunAsync(["revoke", "--node", "node-1", .. options]);

        Assert.Equal(2, run.Code);
        Assert.Contains(problem, run.Error, StringComparison.Ordinal);
        Assert.Empty(_operator.Broker.All<RevokeAndWatchRequest>());
    }

    private static RevokeAndWatchResponse Step(uint told, uint dropped, bool finished = false) => new()
    {
        CutOffId = "c1",
        LeasesEnded = 5,
        Holders = 2,
        HoldersTold = told,
        Accounts = 3,
        AccountsDropped = dropped,
        Finished = finished,
    };
}
