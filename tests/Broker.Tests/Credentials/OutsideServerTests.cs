using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using SidecarAgent.Broker.Configuration;
using SidecarAgent.Broker.Credentials;
using SidecarAgent.Broker.Engines.Accounts;

namespace SidecarAgent.Broker.Tests.Credentials;

public sealed class OutsideServerTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly FakeAccounts _accounts = FakeAccounts.Create();

    [Fact]
    public async Task A_server_that_was_away_is_left_alone_for_its_pause_and_no_longer_when_the_clock_is_set_back()
    {
        var clock = new SetClock(_clock);
        await using var server = new OutsideServer(
            "database",
            new DynamicOptions { Roles = new Dictionary<string, RoleOptions>(), Timeout = TimeSpan.FromSeconds(10), Concurrency = 8 },
            _accounts, clock, NullLogger.Instance);
        _accounts.Failure = () => new AccountServerUnreachableException("connection refused");

        await Assert.ThrowsAsync<AccountServerUnreachableException>(() => AskAsync(server));
        Assert.Equal(TimeSpan.FromSeconds(1), server.Pause);
        // Those that were under way with it fail later, and are no reason to wait for longer.
        await Assert.ThrowsAsync<AccountServerUnreachableException>(() => AskAsync(server));
        clock.Set = TimeSpan.FromHours(-12);
        Assert.Equal(TimeSpan.FromSeconds(1), server.Pause);

        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(server.Pause);
        Assert.True(server.WasAway);
        await Assert.ThrowsAsync<AccountServerUnreachableException>(() => AskAsync(server));
        Assert.Equal(TimeSpan.FromSeconds(2), server.Pause);

        _accounts.Failure = null;
        await AskAsync(server);
        Assert.Equal((null, false), (server.Pause, server.WasAway));
    }

    private static Task AskAsync(OutsideServer server) =>
        server.AskAsync((accounts, stop) => accounts.PingAsync(stop), CancellationToken.None);
}
