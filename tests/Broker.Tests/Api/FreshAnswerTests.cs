using SidecarAgent.V1;

namespace SidecarAgent.Broker.Tests.Api;

/// <summary>Whatever was answered to somebody is in the next answer to everybody, though most answers need no query.</summary>
public sealed class FreshAnswerTests : IAsyncLifetime
{
    private const string Path = "kv/shop/db";

    private RunningBroker _broker = null!;
    private SecretBroker.SecretBrokerClient _pod = null!;

    public async Task InitializeAsync()
    {
        _broker = await RunningBroker.StartAsync();
        await PutAsync("one");
        _pod = _broker.Client();
        for (var i = 0; i < 3; i++)
            await FetchAsync();
    }

    public async Task DisposeAsync() => await _broker.DisposeAsync();

    [Fact]
    public async Task A_fetch_after_a_put_has_the_new_value_and_after_going_back_the_old_one()
    {
        for (ulong version = 2; version < 20; version++)
        {
            await PutAsync($"value {version}");
            Assert.Equal($"value {version}", (await FetchAsync()).Issued.Text());
            await _broker.Admin.ActivateVersionAsync(new ActivateVersionRequest { Path = Path, Version = version - 1 });
            Assert.Equal(version - 1, (await FetchAsync()).Issued.Version);
        }
    }

    [Fact]
    public async Task A_fetch_never_has_an_older_version_than_one_whose_put_was_answered_before_it_began()
    {
        ulong answered = 1;
        using var done = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 4).Select(async i =>
        {
            var pod = _broker.Client(_broker.Issuer.Token(pod: $"orders-{i}"));
            while (!done.IsCancellationRequested)
            {
                var least = Volatile.Read(ref answered);
                var got = (await pod.FetchAsync(Requests.Fetch(Path))).Updates.Single().Issued.Version;
                Assert.True(got >= least, $"version {got} was given after version {least} was stored");
            }
        }).ToList();
        for (var i = 0; i < 50; i++)
            Volatile.Write(ref answered, (await PutAsync($"{i}")).Version);

        await done.CancelAsync();
        await Task.WhenAll(readers);
    }

    [Fact]
    public async Task A_lease_that_was_released_or_revoked_is_not_given_again()
    {
        var first = (await FetchAsync()).Issued.Lease.Id;
        await _pod.ReleaseAsync(new ReleaseRequest { LeaseIds = { first } });
        var second = (await FetchAsync()).Issued.Lease.Id;
        await _broker.Admin.RevokeLeasesAsync(new RevokeLeasesRequest { LeaseId = second });
        var third = (await FetchAsync()).Issued.Lease.Id;

        Assert.Equal(3, new[] { first, second, third }.Distinct().Count());
    }

    [Fact]
    public async Task Who_is_cut_off_is_denied_at_once_and_has_a_new_lease_when_that_is_lifted()
    {
        var before = (await FetchAsync()).Issued.Lease.Id;
        var cutOff = await _broker.Admin.RevokeAsync(new RevokeRequest { Target = new Target { Pod = "shop/orders-0" } });
        Assert.Equal(Denied.Types.Reason.CutOff, (await FetchAsync()).Denied.Reason);

        await _broker.Admin.LiftCutOffAsync(new LiftCutOffRequest { Id = cutOff.CutOffId });
        Assert.NotEqual(before, (await FetchAsync()).Issued.Lease.Id);
    }

    [Fact]
    public async Task Every_fetch_under_the_same_lease_is_in_the_audit_log()
    {
        var lease = (await FetchAsync()).Issued.Lease.Id;
        var before = Entries(lease);
        for (var i = 0; i < 5; i++)
            Assert.Equal(lease, (await FetchAsync()).Issued.Lease.Id);

        Assert.Equal(before + 5, Entries(lease));
    }

    private int Entries(string lease) => _broker.AuditLog.Split('\n').Count(line => line.Contains(lease, StringComparison.Ordinal));

    private async Task<PutSecretResponse> PutAsync(string value) =>
        await _broker.Admin.PutSecretAsync(Requests.Put(Path, ("password", value)));

    private async Task<SecretUpdate> FetchAsync() => (await _pod.FetchAsync(Requests.Fetch(Path))).Updates.Single();
}
