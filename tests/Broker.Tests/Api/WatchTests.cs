using Grpc.Core;
using Microsoft.Extensions.Time.Testing;
using SidecarAgent.V1;

namespace SidecarAgent.Broker.Tests.Api;

public sealed class WatchTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _clock = new(TimeProvider.System.GetUtcNow());
    private RunningBroker _broker = null!;

    public async Task InitializeAsync()
    {
        _broker = await RunningBroker.StartAsync(_clock);
        await _broker.Admin.PutSecretAsync(Requests.Put("kv/shop/db", ("password", "one")));
    }

    public async Task DisposeAsync() => await _broker.DisposeAsync();

    [Fact]
    public async Task The_first_message_says_something_about_every_secret_and_later_ones_what_changed()
    {
        using var watch = _broker.Client().Watch(Requests.Watch("kv/shop/db", "kv/shop/later", "kv/denied"));

        var first = await watch.NextAsync();
        await _broker.Admin.PutSecretAsync(Requests.Put("kv/shop/db", ("password", "two")));
        var second = await watch.NextUpdateAsync();

        Assert.Equal(
            [SecretUpdate.OutcomeOneofCase.Issued, SecretUpdate.OutcomeOneofCase.Denied, SecretUpdate.OutcomeOneofCase.Denied],
            first.Updates.Select(update => update.OutcomeCase));
        Assert.Equal("two", second.Issued.Text());
        Assert.Equal(2UL, second.Issued.Version);
    }

    [Fact]
    public async Task A_secret_that_was_not_there_is_issued_when_it_appears()
    {
        using var watch = _broker.Client().Watch(Requests.Watch("kv/shop/later"));
        Assert.Equal(Denied.Types.Reason.NotFound, (await watch.NextUpdateAsync()).Denied.Reason);

        await _broker.Admin.PutSecretAsync(Requests.Put("kv/shop/later", ("password", "here")));

        Assert.Equal("here", (await watch.NextUpdateAsync()).Issued.Text());
    }

    [Fact]
    public async Task An_older_version_that_is_activated_again_comes_back_under_its_lease()
    {
        using var watch = _broker.Client().Watch(Requests.Watch("kv/shop/db"));
        var one = await watch.NextUpdateAsync();
        await _broker.Admin.PutSecretAsync(Requests.Put("kv/shop/db", ("password", "two")));
        await watch.NextUpdateAsync();

        await _broker.Admin.ActivateVersionAsync(new ActivateVersionRequest { Path = "kv/shop/db", Version = 1 });
        var back = await watch.NextUpdateAsync();

        Assert.Equal("one", back.Issued.Text());
        Assert.Equal(one.Issued.Lease.Id, back.Issued.Lease.Id);
    }

    [Fact]
    public async Task A_grant_that_goes_is_taken_away_and_one_that_comes_is_given()
    {
        using var watch = _broker.Client().Watch(Requests.Watch("kv/shop/db"));
        var lease = (await watch.NextUpdateAsync()).Issued.Lease;

        _broker.WritePolicies("policies: []");
        var taken = await WhileTimePassesAsync(watch.NextUpdateAsync());
        var renewal = await _broker.Client().RenewAsync(new RenewRequest { LeaseIds = { lease.Id } });
        _broker.WritePolicies(RunningBroker.DefaultPolicies);
        var given = await WhileTimePassesAsync(watch.NextUpdateAsync());

        Assert.Equal(SecretUpdate.OutcomeOneofCase.Revoked, taken.OutcomeCase);
        Assert.NotNull(renewal.Renewals.Single().Ended);
        Assert.Equal("one", given.Issued.Text());
        Assert.NotEqual(lease.Id, given.Issued.Lease.Id);
    }

    [Fact]
    public async Task A_grant_that_shrinks_to_one_field_sends_the_rest_that_may_stay()
    {
        await _broker.Admin.PutSecretAsync(Requests.Put("kv/shop/two", ("user", "u"), ("password", "p")));
        using var watch = _broker.Client().Watch(Requests.Watch("kv/shop/two"));
        await watch.NextUpdateAsync();

        _broker.WritePolicies(RunningBroker.DefaultPolicies.Replace(
            "paths: [ kv/shop/* ],", "paths: [ kv/shop/* ], fields: [ user ],", StringComparison.Ordinal));
        var update = await WhileTimePassesAsync(watch.NextUpdateAsync());

        Assert.Equal(["user"], update.Issued.Fields.Select(field => field.Name));
    }

    [Fact]
    public async Task A_watch_ends_when_its_token_expires()
    {
        using var watch = _broker.Client(_broker.Issuer.Token(lifetime: TimeSpan.FromMinutes(10))).Watch(Requests.Watch("kv/shop/db"));
        await watch.NextUpdateAsync();

        _clock.Advance(TimeSpan.FromMinutes(9));
        await _broker.Admin.PutSecretAsync(Requests.Put("kv/shop/db", ("password", "two")));
        await watch.NextUpdateAsync();
        _clock.Advance(TimeSpan.FromMinutes(2));
        var failure = await Assert.ThrowsAsync<RpcException>(watch.NextAsync);

        Assert.Equal(StatusCode.Unauthenticated, failure.StatusCode);
        Assert.Equal("TOKEN_EXPIRED", failure.Reason());
    }

    [Fact]
    public async Task A_watch_ends_with_a_delay_to_wait_when_the_broker_stops()
    {
        using var watch = _broker.Client().Watch(Requests.Watch("kv/shop/db"));
        await watch.NextUpdateAsync();

        var next = Assert.ThrowsAsync<RpcException>(watch.NextAsync);
        await _broker.Server.StopAsync();
        var failure = await next;

        Assert.Equal(StatusCode.Unavailable, failure.StatusCode);
        Assert.Equal("STOPPING", failure.Reason());
        Assert.True(failure.RetryDelay() > TimeSpan.Zero);
    }

    [Fact]
    public async Task A_lease_that_expires_while_its_holder_watches_is_replaced()
    {
        var token = _broker.Issuer.Token(lifetime: TimeSpan.FromDays(2));
        using var watch = _broker.Client(token).Watch(Requests.Watch("kv/shop/db"));
        var lease = (await watch.NextUpdateAsync()).Issued.Lease;

        _clock.Advance(TimeSpan.FromMinutes(61));
        var next = await WhileTimePassesAsync(watch.NextUpdateAsync());

        Assert.Equal("one", next.Issued.Text());
        Assert.NotEqual(lease.Id, next.Issued.Lease.Id);
    }

    [Fact]
    public async Task A_lease_near_its_maximum_is_replaced_before_it_ends()
    {
        var token = _broker.Issuer.Token(lifetime: TimeSpan.FromDays(2));
        var client = _broker.Client(token);
        using var watch = client.Watch(Requests.Watch("kv/shop/db"));
        var lease = (await watch.NextUpdateAsync()).Issued.Lease;
        for (var hour = 0; hour < 15; hour++)
        {
            _clock.Advance(TimeSpan.FromMinutes(59));
            Assert.NotNull((await client.RenewAsync(new RenewRequest { LeaseIds = { lease.Id } })).Renewals.Single().Lease);
        }

        // Two thirds of 24 hours have passed some 75 minutes from now; keep it alive until then.
        var next = watch.NextUpdateAsync();
        _clock.Advance(TimeSpan.FromMinutes(50));
        await client.RenewAsync(new RenewRequest { LeaseIds = { lease.Id } });
        _clock.Advance(TimeSpan.FromMinutes(26));

        Assert.NotEqual(lease.Id, (await next).Issued.Lease.Id);
    }

    [Fact]
    public async Task A_released_secret_is_not_given_again_on_the_same_watch()
    {
        await _broker.Admin.PutSecretAsync(Requests.Put("kv/shop/kept", ("password", "one")));
        var client = _broker.Client();
        using var watch = client.Watch(Requests.Watch("kv/shop/db", "kv/shop/kept"));
        var leases = (await watch.NextAsync()).Updates.Select(update => update.Issued.Lease.Id).ToList();

        await client.ReleaseAsync(new ReleaseRequest { LeaseIds = { leases[0] } });
        await _broker.Admin.PutSecretAsync(Requests.Put("kv/shop/db", ("password", "two")));
        await _broker.Admin.PutSecretAsync(Requests.Put("kv/shop/kept", ("password", "two")));

        Assert.Equal("kv/shop/kept", (await watch.NextUpdateAsync()).Path);
        Assert.Empty((await _broker.Admin.ListHoldersAsync(new ListHoldersRequest { Path = "kv/shop/db" })).Holders);
    }

    private async Task<SecretUpdate> WhileTimePassesAsync(Task<SecretUpdate> next)
    {
        await _clock.AdvanceUntilAsync(() => next.IsCompleted);
        return await next;
    }
}
