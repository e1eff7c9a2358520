using Npgsql;
using SidecarAgent.Broker.Crypto;
using SidecarAgent.Broker.Engines.Accounts;

namespace SidecarAgent.Broker.Tests.Engines;

[Collection(nameof(PostgresFixture))]
public sealed class EndSessionsTests(PostgresFixture postgres)
{
    [Fact]
    public async Task The_sessions_of_an_account_end_and_the_account_stays()
    {
        await postgres.AskAsync("CREATE ROLE kicked LOGIN");
        var name = AccountName.Stored("kicked");
        using var password = SecretBytes.CopyOf("long-enough-for-a-password"u8);
        await using var accounts = postgres.Accounts();
        await accounts.SetPasswordAsync(name, password, CancellationToken.None);
        await using var session = await postgres.LogInAsync(name, "long-enough-for-a-password");

        await accounts.EndSessionsAsync(name, CancellationToken.None);

        await using var command = new NpgsqlCommand("SELECT 1", session);
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => command.ExecuteScalarAsync());
        await using var again = await postgres.LogInAsync(name, "long-enough-for-a-password");
        await accounts.EndSessionsAsync(AccountName.Stored("nobody"), CancellationToken.None);
    }
}
