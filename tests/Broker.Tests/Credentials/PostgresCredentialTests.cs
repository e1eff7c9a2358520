using SidecarAgent.Broker.Engines.Accounts;
using SidecarAgent.Broker.Tests.Engines;
using SidecarAgent.V1;

namespace SidecarAgent.Broker.Tests.Credentials;

/// <summary>The whole way of an account, on a real PostgreSQL.</summary>
[Collection(nameof(PostgresFixture))]
public sealed class PostgresCredentialTests(PostgresFixture postgres) : IAsyncLifetime
{
    private RunningBroker _broker = null!;

    public async Task InitializeAsync() => _broker = await DynamicBroker.StartAsync(postgres);

    public Task DisposeAsync() => _broker.DisposeAsync().AsTask();

    [Fact]
    public async Task A_pod_logs_in_with_what_it_is_given_and_is_thrown_out_when_it_lets_it_go()
    {
        var issued = (await _broker.FetchOneAsync()).Issued;

        Assert.Equal(["database", "host", "password", "port", "username"], issued.Fields.Select(field => field.Name));
        Assert.Equal(FieldClass.Secret, issued.Fields.Single(field => field.Name == "password").Class);
        Assert.All(issued.Fields.Where(field => field.Name != "password"), field => Assert.Equal(FieldClass.Identifier, field.Class));
        Assert.InRange(issued.Lease.ExpiresIn.ToTimeSpan(), TimeSpan.FromMinutes(29), TimeSpan.FromMinutes(30));
        Assert.InRange(issued.Lease.MaxExpiresIn.ToTimeSpan(), TimeSpan.FromMinutes(179), TimeSpan.FromHours(3));
        await using var session = await postgres.LogInAsync(issued.User(), issued.Text());

        await _broker.Client().ReleaseAsync(new ReleaseRequest { LeaseIds = { issued.Lease.Id } });
        await GoneAsync(issued.User());

        await using var command = session.CreateCommand();
        command.CommandText = "SELECT 1";
        await Assert.ThrowsAnyAsync<Npgsql.NpgsqlException>(() => command.ExecuteScalarAsync());
    }

    [Fact]
    public async Task The_server_keeps_the_time_of_the_lease_with_a_margin_and_follows_renewals()
    {
        var issued = (await _broker.FetchOneAsync()).Issued;
        var first = await ValidForAsync(issued.User());

        Assert.InRange(first, TimeSpan.FromMinutes(33), TimeSpan.FromMinutes(36));
    }

    [Fact]
    public async Task Each_pod_has_an_account_of_its_own_and_keeps_it_also_after_a_restart_of_the_broker()
    {
        var one = (await _broker.FetchOneAsync()).Issued;
        var two = (await _broker.FetchOneAsync(_broker.Issuer.Token(pod: "orders-1"))).Issued;
        await _broker.RestartAsync();
        var again = (await _broker.FetchOneAsync()).Issued;

        Assert.NotEqual(one.User(), two.User());
        Assert.NotEqual(one.Version, two.Version);
        Assert.Equal((one.User(), one.Text(), one.Version, one.Lease.Id), (again.User(), again.Text(), again.Version, again.Lease.Id));
    }

    [Fact]
    public async Task Break_glass_drops_the_accounts_of_whom_it_cuts_off()
    {
        var cut = (await _broker.FetchOneAsync()).Issued;
        var other = (await _broker.FetchOneAsync(_broker.Issuer.Token(pod: "orders-9"))).Issued;

        await _broker.Admin.RevokeAsync(new RevokeRequest { Target = new Target { Pod = "shop/orders-0" } });
        await GoneAsync(cut.User());

        await using var session = await postgres.LogInAsync(other.User(), other.Text());
        Assert.Equal(Denied.Types.Reason.CutOff, (await _broker.FetchOneAsync()).Denied.Reason);
    }

    private Task GoneAsync(AccountName user) => Waiting.UntilAsync(async () =>
        await postgres.AskAsync($"SELECT 1 FROM pg_roles WHERE rolname = '{user}'") is null);

    private async Task<TimeSpan> ValidForAsync(AccountName user) => TimeSpan.FromSeconds(Convert.ToDouble(
        await postgres.AskAsync($"SELECT EXTRACT(EPOCH FROM rolvaliduntil - now()) FROM pg_roles WHERE rolname = '{user}'"),
        System.Globalization.CultureInfo.InvariantCulture));
}
