using SidecarAgent.V1;

namespace SidecarAgent.Ctl.Tests;

public sealed class PolicyCheckCommandTests : IAsyncLifetime
{
    private const string Good =
        "policies: [ { name: orders, subjects: [ { namespace: shop, serviceAccount: orders } ], grants: [ { paths: [ kv/shop/* ] } ] } ]";

    private Operator _operator = null!;

    public async Task InitializeAsync() => _operator = await Operator.CreateAsync();

    public Task DisposeAsync() => _operator.DisposeAsync().AsTask();

    [Fact]
    public async Task Good_policies_are_found_good_without_a_broker()
    {
        Write("orders.yaml", Good);
        var offline = Operator.Bare() with { Variable = name => name == "SIDECARCTL_BROKER" ? "unix:///nowhere" : null };

        var run = await Operator.RunAsync(offline, "policy", "check", Directory);

        Assert.Equal($"{Directory}: 1 policy in 1 file, nothing wrong\n", run.MustSucceed().Output);
    }

    [Fact]
    public async Task Everything_that_is_wrong_with_all_files_is_told_at_once()
    {
        Write("a.yaml", "policies:\n  - name: 'a b'\n    subject: []\n");
        Write("b.yml", "nonsense");

        var run = await _operator.RunAsync("policy", "check", Directory, "--live");

        Assert.Equal(1, run.Code);
        Assert.Contains(run.Lines, line => line.StartsWith("a.yaml:2:11: ", StringComparison.Ordinal));
        Assert.Contains(run.Lines, line => line.Contains("did you mean 'subjects'?", StringComparison.Ordinal));
        Assert.Contains(run.Lines, line => line.StartsWith("b.yml:1:1: ", StringComparison.Ordinal));
        Assert.Contains($"{run.Lines.Length} problems in the policies of {Directory}", run.Error, StringComparison.Ordinal);
        Assert.Empty(_operator.Broker.All<CheckPoliciesRequest>());
    }

    [Fact]
    public async Task Problems_are_data_for_programs()
    {
        Write("b.yml", "nonsense");

        var run = await _operator.RunAsync("policy", "check", Directory, "--output", "json");

        Assert.Equal(1, run.Code);
        Assert.False((bool)run.Json["valid"]!);
        Assert.Equal(("b.yml", 1), ((string)run.Json["problems"]![0]!["file"]!, (int)run.Json["problems"]![0]!["line"]!));
    }

    [Fact]
    public async Task Who_would_lose_what_is_a_table()
    {
        Write("orders.yaml", Good);
        _operator.Broker.Answer(new CheckPoliciesResponse
        {
            Policies = 1,
            Leases = 7,
            Losses =
            {
                new PolicyLoss { Workload = new WorkloadIdentity { Namespace = "shop", ServiceAccount = "billing" }, Path = "kv/shop/db", Leases = 5, Reason = "no policy names shop/billing" },
                new PolicyLoss { Workload = new WorkloadIdentity { SpiffeId = "spiffe://prod/sa/x" }, Path = "kv/shop/api", Fields = { "key", "user" }, Leases = 1, Reason = "allowed by policy 'orders', grant 1 (orders.yaml)" },
            },
        });

        var run = (await _operator.RunAsync("policy", "check", Directory, "--live")).MustSucceed();

        Assert.Equal(
            $"""
            {Directory}: 1 policy in 1 file, nothing wrong
            7 live leases compared: holders would lose:
            WORKLOAD            PATH         LOSES      LEASES  BECAUSE
            shop/billing        kv/shop/db   all of it  5       no policy names shop/billing
            spiffe://prod/sa/x  kv/shop/api  key, user  1       allowed by policy 'orders', grant 1 (orders.yaml)

            """, run.Output);
        var sent = Assert.Single(_operator.Broker.Only<CheckPoliciesRequest>().Files);
        Assert.Equal(("orders.yaml", Good), (sent.Name, sent.Text));
    }

    [Fact]
    public async Task Nobody_losing_anything_is_said()
    {
        Write("orders.yaml", Good);

        var run = (await _operator.RunAsync("policy", "check", Directory, "--live")).MustSucceed();

        Assert.Equal("7 live leases compared: nobody would lose anything", run.Lines[^1]);
    }

    [Fact]
    public async Task What_the_broker_finds_wrong_is_told_like_what_is_found_here()
    {
        Write("orders.yaml", Good);
        _operator.Broker.Answer(new CheckPoliciesResponse { Problems = { new PolicyProblem { File = "orders.yaml", Line = 3, Column = 5, Message = "'ttl' must not be longer" } } });

        var run = await _operator.RunAsync("policy", "check", Directory, "--live");

        Assert.Equal((1, "orders.yaml:3:5: 'ttl' must not be longer\n"), (run.Code, run.Output));
    }

    [Fact]
    public async Task More_than_can_be_sent_is_refused_before_it_is_sent()
    {
        Write("orders.yaml", Good + "\n" + new string('#', 900 * 1024));

        (await _operator.RunAsync("policy", "check", Directory, "--live")).MustFail(1, "--live sends at most");
        (await _operator.RunAsync("policy", "check", Directory)).MustSucceed();
    }

    [Fact]
    public async Task A_directory_that_is_not_there_is_a_slip_of_the_pen()
    {
        (await _operator.RunAsync("policy", "check", _operator.Directory.File("none"))).MustFail(2, "cannot be read");
    }

    private string Directory => _operator.Directory.File("policies");

    private void Write(string name, string text) => _operator.Directory.Write($"policies/{name}", text);
}
