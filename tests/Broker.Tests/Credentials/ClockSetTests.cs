using Microsoft.Extensions.Time.Testing;
using SidecarAgent.Broker.Tests.Leases;

namespace SidecarAgent.Broker.Tests.Credentials;

public sealed class ClockSetTests
{
    private readonly SetClock _clock;
    private readonly FakeTimeProvider _steady = new(Some.Noon);
    private readonly FakeAccounts _accounts = FakeAccounts.Create();

    public ClockSetTests() => _clock = new SetClock(_steady);

    /// <summary>As at the start of a machine, when it has found out what time it is.</summary>
    [Fact]
    public async Task An_account_that_is_being_made_while_the_clock_is_set_forward_is_not_forgotten()
    {
        var made = new TaskCompletionSource();
        _accounts.Hold = made.Task;
        await using var broker = await DynamicBroker.StartAsync(_accounts, _clock, timeout: "5m");
        var asking = broker.FetchOneAsync(broker.Issuer.Token(lifetime: TimeSpan.FromDays(1)));
        await Waiting.UntilAsync(() => _accounts.Calls > 0);
        // Beside it one that nobody is making any more, which shows when the broker has looked.
        await BrokerTables.ChangeAsync(
            broker,
            """
            INSERT INTO credential (id, holder, issuer, namespace, service_account, mount, path, version, role, account, state,
                created_at, in_doubt_until, attempts)
            SELECT 'left', holder, issuer, namespace, service_account, mount, path, version + 1, role, 'sa-left', state,
                created_at, in_doubt_until, attempts FROM credential
            """);

        _clock.Set = TimeSpan.FromMinutes(20);
        await _steady.AdvanceUntilAsync(() => _accounts.Dropped > 0);
        made.SetResult();
        var issued = (await asking).Issued;

        Assert.Equal([issued.User().Value], _accounts.All.Keys);
        Assert.Equal(1, await BrokerTables.CountAsync(broker, "credential WHERE state = 2"));
    }
}
