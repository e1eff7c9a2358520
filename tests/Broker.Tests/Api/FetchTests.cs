using SidecarAgent.V1;

namespace SidecarAgent.Broker.Tests.Api;

public sealed class FetchTests : IAsyncLifetime
{
    private RunningBroker _broker = null!;

    public async Task InitializeAsync() => _broker = await RunningBroker.StartAsync();

    public async Task DisposeAsync() => await _broker.DisposeAsync();

    [Fact]
    public async Task A_granted_secret_comes_with_its_values_sorted_by_name_under_a_lease()
    {
        await _broker.Admin.PutSecretAsync(Requests.Put("kv/shop/db", ("user", "orders"), ("password", "hunter2")));

        var update = (await _broker.Client().FetchAsync(Requests.Fetch("kv/shop/db"))).Updates.Single();

        Assert.Equal("kv/shop/db", update.Path);
        Assert.Equal(1UL, update.Issued.Version);
        Assert.Equal(["password", "user"], update.Issued.Fields.Select(field => field.Name));
        Assert.Equal("hunter2", update.Issued.Text());
        Assert.InRange(update.Issued.Lease.ExpiresIn.ToTimeSpan(), TimeSpan.FromMinutes(59), TimeSpan.FromHours(1));
        Assert.InRange(update.Issued.Lease.MaxExpiresIn.ToTimeSpan(), TimeSpan.FromHours(23), TimeSpan.FromHours(24));
    }

    [Fact]
    public async Task Each_secret_has_its_own_outcome_in_the_order_of_the_request()
    {
        await _broker.Admin.PutSecretAsync(Requests.Put("kv/shop/db", ("password", "hunter2")));

        var updates = (await _broker.Client().FetchAsync(Requests.Fetch("kv/shop/nothing", "kv/shop/db", "kv/other/db"))).Updates;

        Assert.Equal(Denied.Types.Reason.NotFound, updates[0].Denied.Reason);
        Assert.Equal("hunter2", updates[1].Issued.Text());
        Assert.Equal(Denied.Types.Reason.NoGrant, updates[2].Denied.Reason);
    }

    [Fact]
    public async Task A_field_level_grant_gives_its_field_and_not_the_neighbour()
    {
        await _broker.Admin.PutSecretAsync(Requests.Put("kv/partly", ("user", "orders"), ("password", "hunter2")));
        var client = _broker.Client();

        var all = (await client.FetchAsync(Requests.Fetch("kv/partly"))).Updates.Single();
        var named = await client.FetchAsync(Requests.Fetch(new SecretRequest { Path = "kv/partly", Fields = { "password" } }));

        Assert.Equal(["user"], all.Issued.Fields.Select(field => field.Name));
        Assert.Equal(Denied.Types.Reason.NoGrant, named.Updates.Single().Denied.Reason);
    }

    [Fact]
    public async Task A_field_that_the_secret_does_not_have_is_said_to_be_missing()
    {
        await _broker.Admin.PutSecretAsync(Requests.Put("kv/shop/db", ("password", "hunter2")));

        var answer = await _broker.Client().FetchAsync(
            Requests.Fetch(new SecretRequest { Path = "kv/shop/db", Fields = { "passwort" } }));

        Assert.Equal(Denied.Types.Reason.FieldNotFound, answer.Updates.Single().Denied.Reason);
        Assert.Contains("passwort", answer.Updates.Single().Denied.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_asks_again_gets_the_same_lease_and_is_confirmed_if_it_still_has_the_values()
    {
        await _broker.Admin.PutSecretAsync(Requests.Put("kv/shop/db", ("password", "hunter2")));
        var client = _broker.Client();
        var first = (await client.FetchAsync(Requests.Fetch("kv/shop/db"))).Updates.Single().Issued;

        var withValues = (await client.FetchAsync(Requests.Fetch("kv/shop/db"))).Updates.Single();
        var confirmed = (await client.FetchAsync(
            Requests.Fetch(Requests.Secret("kv/shop/db", first.Lease.Id, held: 1)))).Updates.Single();

        Assert.Equal(first.Lease.Id, withValues.Issued.Lease.Id);
        Assert.Equal(first.Lease.Id, confirmed.Confirmed.Lease.Id);
        Assert.Equal(1UL, confirmed.Confirmed.Version);
    }

    [Fact]
    public async Task A_caller_that_cannot_renew_gets_the_longest_lease()
    {
        await _broker.Admin.PutSecretAsync(Requests.Put("kv/shop/db", ("password", "hunter2")));
        var request = Requests.Fetch("kv/shop/db");
        request.LongestLease = true;

        var lease = (await _broker.Client().FetchAsync(request)).Updates.Single().Issued.Lease;

        Assert.InRange(lease.ExpiresIn.ToTimeSpan(), TimeSpan.FromHours(23), TimeSpan.FromHours(24));
    }

    [Fact]
    public async Task An_inactive_version_is_not_served_until_it_is_activated()
    {
        await _broker.Admin.PutSecretAsync(Requests.Put("kv/shop/db", ("password", "one")));
        var second = Requests.Put("kv/shop/db", ("password", "two"));
        second.Inactive = true;
        await _broker.Admin.PutSecretAsync(second);
        var client = _broker.Client();

        Assert.Equal("one", (await client.FetchAsync(Requests.Fetch("kv/shop/db"))).Updates.Single().Issued.Text());
        await _broker.Admin.ActivateVersionAsync(new ActivateVersionRequest { Path = "kv/shop/db", Version = 2 });
        Assert.Equal("two", (await client.FetchAsync(Requests.Fetch("kv/shop/db"))).Updates.Single().Issued.Text());
    }

    [Fact]
    public async Task The_audit_log_has_every_answer_and_no_value()
    {
        await _broker.Admin.PutSecretAsync(Requests.Put("kv/shop/db", ("password", "hunter2")));
        var lease = (await _broker.Client().FetchAsync(Requests.Fetch("kv/shop/db", "kv/denied"))).Updates[0].Issued.Lease;

        Assert.Contains(lease.Id, _broker.AuditLog, StringComparison.Ordinal);
        Assert.Contains("kv/denied", _broker.AuditLog, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", _broker.AuditLog, StringComparison.Ordinal);
    }
}
