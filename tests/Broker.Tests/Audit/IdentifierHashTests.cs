using System.Text.Json;
using SidecarAgent.Broker.Audit;
using SidecarAgent.Broker.Crypto;
using SidecarAgent.V1;

namespace SidecarAgent.Broker.Tests.Audit;

/// <summary>A log in which nobody is named, and everybody can be found.</summary>
public sealed class IdentifierHashTests : IAsyncLifetime
{
    private RunningBroker _broker = null!;
    private string _keyFile = null!;

    public async Task InitializeAsync()
    {
        _keyFile = Path.GetTempFileName();
        File.Delete(_keyFile);
        KeyFile.Create(_keyFile);
        _broker = await RunningBroker.StartAsync(
            audit: $"{{ file: audit.jsonl, hashIdentifiers: {{ keyFile: '{_keyFile}', fields: [ namespace, serviceAccount, spiffeId, pod, podUid, node ] }} }}");
        await _broker.Admin.PutSecretAsync(Requests.Put("kv/shop/db", ("password", "one")));
    }

    public async Task DisposeAsync()
    {
        await _broker.DisposeAsync();
        File.Delete(_keyFile);
    }

    [Fact]
    public async Task Pods_are_hashed_and_are_the_same_in_all_entries()
    {
        await FetchAsync("kv/shop/db");
        await FetchAsync("kv/shop/none");

        var workloads = Workloads();

        Assert.True(workloads.Count >= 2);
        Assert.All(workloads, workload => Assert.Equal(
            (Hash("shop"), Hash("orders"), Hash("orders-0"), Hash("node1")),
            (Text(workload, "namespace"), Text(workload, "serviceAccount"), Text(workload, "pod"), Text(workload, "node"))));
    }

    [Fact]
    public async Task Sentences_name_nobody_either()
    {
        await FetchAsync("kv/other/db");
        foreach (var target in (Target[])[new() { Pod = "shop/orders-0" }, new() { Workload = "shop/orders" }, new() { Node = "node1" }, new() { Namespace = "elsewhere" }])
        {
            var cut = await _broker.Admin.RevokeAsync(new RevokeRequest { Target = target });
            await FetchAsync("kv/shop/db");
            await _broker.Admin.LiftCutOffAsync(new LiftCutOffRequest { Id = cut.CutOffId });
        }

        // A subject that is believed, and is no operator.
        await Assert.ThrowsAsync<Grpc.Core.RpcException>(async () =>
            await _broker.AdminOverTls(_broker.Issuer.Token(namespaceName: "elsewhere", serviceAccount: "mallory")).ListCutOffsAsync(new ListCutOffsRequest()));

        var details = Details();
        Assert.Contains($"no policy that names {Hash("shop")}/{Hash("orders")} (orders) grants kv/other/db", details);
        Assert.Contains($"an operator has cut off pod {Hash("shop")}/{Hash("orders-0")}", details);
        Assert.Contains($"an operator has cut off workload {Hash("shop")}/{Hash("orders")}", details);
        Assert.Contains($"an operator has cut off node {Hash("node1")}", details);
        Assert.Contains(details, detail => detail.EndsWith($"cut off namespace {Hash("elsewhere")}", StringComparison.Ordinal));
        Assert.All(details, detail => Assert.DoesNotContain("orders-0", detail, StringComparison.Ordinal));
        Assert.All(details, detail => Assert.DoesNotContain("shop/orders", detail, StringComparison.Ordinal));
        Assert.All(details, detail => Assert.DoesNotContain("node1", detail, StringComparison.Ordinal));
        Assert.All(details, detail => Assert.DoesNotContain("mallory", detail, StringComparison.Ordinal));
        Assert.All(details, detail => Assert.DoesNotContain("elsewhere", detail, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_version_is_traced_all_the_same_and_holders_are_told_by_name()
    {
        await FetchAsync("kv/shop/db");

        var trace = await _broker.Admin.TraceVersionAsync(new TraceVersionRequest { Path = "kv/shop/db", Version = 1 });
        var holders = await _broker.Admin.ListHoldersAsync(new ListHoldersRequest { Path = "kv/shop/db" });

        Assert.Equal(Hash("orders-0"), trace.Events.Single(e => e.Action == "issue").Workload.Pod);
        Assert.Equal("orders-0", Assert.Single(holders.Holders).Workload.Pod);
    }

    [Fact]
    public async Task The_log_is_still_proof()
    {
        await FetchAsync("kv/shop/db");
        await _broker.StopAsync();

        Assert.IsType<AuditVerification.Intact>(AuditVerifier.Verify([_broker.File("audit.jsonl")], [], null));
        await _broker.StartServerAsync();
    }

    private string Hash(string value)
    {
        using var key = IdentifierHash.ReadKey(_keyFile);
        return IdentifierHash.Hash(key.Span, value);
    }

    private async Task FetchAsync(string path) => await _broker.Client().FetchAsync(Requests.Fetch(path));

    private List<JsonElement> Entries() =>
        [.. _broker.AuditLog.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];

    private List<JsonElement> Workloads() =>
        [.. Entries().Where(entry => entry.TryGetProperty("workload", out _)).Select(entry => entry.GetProperty("workload"))];

    private List<string> Details() => [.. Entries().Select(entry => Text(entry, "detail")).OfType<string>()];

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var text) ? text.GetString() : null;
}
