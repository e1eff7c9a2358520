using System.Text.Json;
using SidecarAgent.Broker.Tests.Credentials;
using SidecarAgent.V1;

namespace SidecarAgent.Broker.Tests.Detection;

/// <summary>What the broker notices in what workloads ask for, and what it does about it.</summary>
public sealed class DetectionTests : IAsyncLifetime
{
    private const string Configuration =
        """
        detection:
          canaries:
            - { paths: [ kv/shop/root, 'kv/hidden/**' ] }
            - { paths: [ kv/shop/trap ], onRead: cutOff }
          rememberAccess: 30d
          spread: { secrets: 5, within: 10m }
        """;

    private const string Policies =
        """
        policies:
          - name: orders
            subjects: [ { namespace: shop, serviceAccount: '*' } ]
            grants: [ { paths: [ kv/shop/* ], ttl: 1h, maxTtl: 24h } ]
        """;

    private RunningBroker _broker = null!;

    public async Task InitializeAsync()
    {
        _broker = await RunningBroker.StartAsync(policies: Policies, configuration: Configuration);
        foreach (var name in (string[])["db", "api", "root", "trap"])
            await _broker.Admin.PutSecretAsync(Requests.Put($"kv/shop/{name}", ("password", name)));
    }

    public async Task DisposeAsync() => await _broker.DisposeAsync();

    [Fact]
    public async Task A_canary_is_given_like_any_other_secret_and_raises_an_alarm()
    {
        var update = await FetchAsync("kv/shop/root");

        Assert.Equal("root", update.Issued.Text());
        Assert.Equal(("kv/shop/root", true), (Entry("canary").Path, Entry("canary").Allowed));
        Assert.Equal("orders-0", Entry("canary").Pod);
        Assert.Empty((await _broker.Admin.ListCutOffsAsync(new ListCutOffsRequest())).CutOffs);
    }

    [Fact]
    public async Task The_callers_see_no_difference_between_a_canary_and_an_ordinary_secret()
    {
        var canary = await FetchAsync("kv/shop/root");
        var ordinary = await FetchAsync("kv/shop/db");

        foreach (var update in (SecretUpdate[])[canary, ordinary])
        {
            update.Path = "";
            update.Issued.Lease = null;
            update.Issued.ActivatedAt = null;
            foreach (var field in update.Issued.Fields)
                field.Value = Google.Protobuf.ByteString.Empty;
        }

        Assert.Equal(ordinary, canary);
    }

    [Fact]
    public async Task A_canary_that_is_not_granted_is_refused_and_raises_an_alarm_all_the_same()
    {
        var update = await FetchAsync("kv/hidden/aws/root");

        Assert.Equal(Denied.Types.Reason.NoGrant, update.Denied.Reason);
        Assert.False(Entry("canary").Allowed);
        Assert.Equal(1, Count("canary"));
    }

    [Fact]
    public async Task Who_says_that_it_has_the_canary_already_raises_the_alarm_too()
    {
        await _broker.Client().FetchAsync(Requests.Fetch(Requests.Secret("kv/shop/root", "0123456789abcdef0123456789abcdef", 1)));

        Assert.Equal(1, Count("canary"));
    }

    [Fact]
    public async Task A_watch_on_a_canary_raises_one_alarm_however_often_it_looks()
    {
        using var watch = _broker.Client().Watch(Requests.Watch("kv/shop/root", "kv/shop/db"));
        await watch.NextAsync();
        await _broker.Admin.PutSecretAsync(Requests.Put("kv/shop/db", ("password", "two")));
        await watch.NextAsync();

        Assert.Equal(1, Count("canary"));
    }

    [Fact]
    public async Task Who_asks_for_a_canary_that_cuts_off_gets_nothing_of_what_it_asks_for()
    {
        var client = _broker.Client();
        var before = (await client.FetchAsync(Requests.Fetch("kv/shop/db"))).Updates.Single();
        using var watch = _broker.Client().Watch(Requests.Watch("kv/shop/api"));
        await watch.NextAsync();

        var answer = await client.FetchAsync(Requests.Fetch("kv/shop/db", "kv/shop/trap", "kv/shop/api"));

        Assert.All(answer.Updates, update => Assert.Equal(Denied.Types.Reason.CutOff, update.Denied.Reason));
        Assert.Equal(Denied.Types.Reason.CutOff, (await FetchAsync("kv/shop/db")).Denied.Reason);
        Assert.Equal(SecretUpdate.OutcomeOneofCase.Revoked, (await watch.NextUpdateAsync()).OutcomeCase);
        Assert.NotNull((await client.RenewAsync(new RenewRequest { LeaseIds = { before.Issued.Lease.Id } })).Renewals.Single().Ended);
        var cutOff = Assert.Single((await _broker.Admin.ListCutOffsAsync(new ListCutOffsRequest())).CutOffs);
        Assert.Equal(("shop/orders", "broker:canary"), (cutOff.Target.Workload, cutOff.By));
        Assert.Equal(("kv/shop/trap", false), (Entry("canary").Path, Entry("canary").Allowed));
        Assert.DoesNotContain(Entries(), entry => entry is { Action: "issue", Path: "kv/shop/trap", Allowed: true });
    }

    [Fact]
    public async Task No_account_is_made_for_who_asks_for_a_canary_that_would_be_one()
    {
        var accounts = FakeAccounts.Create();
        await using var broker = await DynamicBroker.StartAsync(
            accounts, TimeProvider.System, more: $"detection: {{ canaries: [ {{ paths: [ {DynamicBroker.Path} ], onRead: cutOff }} ] }}");

        var update = await broker.FetchOneAsync();

        Assert.Equal(Denied.Types.Reason.CutOff, update.Denied.Reason);
        Assert.Equal(0, accounts.Created);
    }

    [Fact]
    public async Task A_holder_that_is_cut_off_by_a_canary_is_not_told_why()
    {
        var denied = (await FetchAsync("kv/shop/trap")).Denied;

        Assert.Equal("an operator has cut off workload shop/orders", denied.Message);
    }

    [Fact]
    public async Task Many_pods_at_once_are_cut_off_once_and_one_lift_serves_them_again()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => FetchAsync("kv/shop/trap", $"orders-{i}")));

        Assert.All(answers, update => Assert.Equal(Denied.Types.Reason.CutOff, update.Denied.Reason));
        var cutOff = Assert.Single((await _broker.Admin.ListCutOffsAsync(new ListCutOffsRequest())).CutOffs);
        await _broker.Admin.LiftCutOffAsync(new LiftCutOffRequest { Id = cutOff.Id });
        Assert.Equal("db", (await FetchAsync("kv/shop/db")).Issued.Text());
    }

    [Fact]
    public async Task The_first_access_of_a_workload_to_a_secret_is_told_once_also_after_a_restart()
    {
        await FetchAsync("kv/shop/db");
        await FetchAsync("kv/shop/db", "orders-1");
        await _broker.RestartAsync();

        await FetchAsync("kv/shop/db", "orders-2");
        await FetchAsync("kv/shop/api");
        await FetchAsync("kv/shop/db", "billing-0", "billing");

        Assert.Equal(
            [("kv/shop/db", "orders"), ("kv/shop/api", "orders"), ("kv/shop/db", "billing")],
            Entries().Where(entry => entry.Action == "first_access").Select(entry => (entry.Path, entry.ServiceAccount)));
    }

    [Fact]
    public async Task Many_pods_of_a_workload_that_start_at_once_are_one_first_access()
    {
        await Task.WhenAll(Enumerable.Range(0, 30).Select(i => FetchAsync("kv/shop/db", $"orders-{i}")));

        Assert.Equal(1, Count("first_access"));
    }

    [Fact]
    public async Task What_is_denied_is_no_first_access()
    {
        await FetchAsync("kv/other/db");
        await FetchAsync("kv/shop/none");

        Assert.Equal(0, Count("first_access"));
    }

    [Fact]
    public async Task A_workload_that_asks_for_more_secrets_than_is_usual_is_told_of_once()
    {
        for (var i = 0; i < 9; i++)
            await FetchAsync($"kv/elsewhere/{i}");
        for (var i = 0; i < 20; i++)
            await FetchAsync("kv/shop/db", "billing-0", "billing");

        var entry = Assert.Single(Entries(), entry => entry.Action == "unusual");
        Assert.Equal(("orders", "kv/elsewhere/5"), (entry.ServiceAccount, entry.Path));
    }

    private async Task<SecretUpdate> FetchAsync(string path, string pod = "orders-0", string serviceAccount = "orders") =>
        (await _broker.Client(_broker.Issuer.Token(pod: pod, serviceAccount: serviceAccount)).FetchAsync(Requests.Fetch(path))).Updates.Single();

    private int Count(string action) => Entries().Count(entry => entry.Action == action);

    private Line Entry(string action) => Assert.Single(Entries(), entry => entry.Action == action);

    private List<Line> Entries() => [.. _broker.AuditLog.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Line.Read)];

    private sealed record Line(string Action, bool Allowed, string? Path, string? Pod, string? ServiceAccount)
    {
        public static Line Read(string text)
        {
            var json = JsonDocument.Parse(text).RootElement;
            JsonElement? workload = json.TryGetProperty("workload", out var found) ? found : null;
            return new Line(
                json.GetProperty("action").GetString()!, json.GetProperty("allowed").GetBoolean(), Text(json, "path"),
                Text(workload, "pod"), Text(workload, "serviceAccount"));
        }

        private static string? Text(JsonElement? json, string name) =>
            json is { } element && element.TryGetProperty(name, out var text) ? text.GetString() : null;
    }
}
