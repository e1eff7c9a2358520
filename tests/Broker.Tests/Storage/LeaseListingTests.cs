using SidecarAgent.Broker.Identity;
using SidecarAgent.Broker.Leases;
using SidecarAgent.Broker.Storage;
using SidecarAgent.Broker.Tests.Engines;
using SidecarAgent.Broker.Tests.Leases;

namespace SidecarAgent.Broker.Tests.Storage;

/// <summary>Leases as operators look for them.</summary>
public abstract class LeaseListingTests(TestStore store) : IAsyncLifetime
{
    private Database _database = null!;

    public async Task InitializeAsync()
    {
        _database = await store.OpenAsync();
        await AddAsync("1", Some.Orders);
        await AddAsync("2", Workload.OfSpiffe("spiffe://prod.example", "/ns/shop/sa/orders"));
        await AddAsync("3", Workload.OfSpiffe("spiffe://test.example", "/ns/shop/sa/orders"));
        await AddAsync("4", Workload.OfSpiffe("spiffe://prod.example", "/ns/shop/sa/orders/x"));
    }

    public async Task DisposeAsync()
    {
        await _database.DisposeAsync();
        await store.DisposeAsync();
    }

    [Theory]
    [InlineData("spiffe://prod.example", "/ns/shop/sa/orders", "2")]
    [InlineData("spiffe://test.example", "/ns/shop/sa/orders", "3")]
    [InlineData("spiffe://none.example", "/ns/shop/sa/orders", "")]
    [InlineData("spiffe://prod.example", "", "2 4")]
    [InlineData("", "orders", "1")]
    [InlineData("", "", "1 2 3 4")]
    public async Task They_are_found_by_whom_their_token_named(string issuer, string serviceAccount, string expected)
    {
        var filter = new LeaseFilter { Issuer = issuer, ServiceAccount = serviceAccount };
        var found = await _database.ReadAsync(s => LeaseListingTable.ListAsync(s, filter, "", 10, Some.Noon, default), default);

        Assert.Equal(expected, string.Join(' ', found.Select(listing => listing.Lease!.Id)));
    }

    private Task<bool> AddAsync(string id, Workload workload) => _database.WriteAsync(
        s => LeaseTable.AddAsync(s, Some.Lease(id) with { Workload = workload }, null, Some.Noon, default), default);
}

public sealed class SqliteLeaseListingTests() : LeaseListingTests(new SqliteTestStore());

[Collection(nameof(PostgresFixture))]
public sealed class PostgresLeaseListingTests(PostgresFixture server) : LeaseListingTests(new PostgresTestStore(server));
