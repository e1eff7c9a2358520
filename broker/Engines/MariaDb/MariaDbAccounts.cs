using System.Text;
using MySqlConnector;
using SidecarAgent.Broker.Crypto;
using SidecarAgent.Broker.Engines.Accounts;

namespace SidecarAgent.Broker.Engines.MariaDb;

/// <summary>
/// Users of a MariaDB (10.4 or newer). The server keeps no time for them: they end when the broker drops them. It sees
/// only hashes of passwords. Statements about users are no transactions there: a user whose making failed half-way is
/// dropped like any other.
/// </summary>
internal sealed class MariaDbAccounts(AccountConnection connection, IReadOnlyList<RoleStatements> roles) : IAccountServer
{
    private const int LongestName = 80;

    private readonly MySqlDataSource _pool = MariaDbConnections.Pool(connection);
    private readonly Dictionary<string, RoleStatements> _roles = roles.ToDictionary(role => role.Role);

    public IReadOnlyCollection<string> Roles => _roles.Keys;

    public bool KeepsTime => false;

    public IReadOnlyDictionary<string, string> Address => connection.Address;

    public AccountName NewName(string role) => AccountName.Generate(role, LongestName);

    public Task CreateAsync(NewAccount account, CancellationToken cancellationToken)
    {
        AccountPassword.Require(account.Password);
        var role = _roles.GetValueOrDefault(account.Role)
            ?? throw new AccountServerRefusedException($"There is no role {account.Role} for MariaDB at {connection.Where}.");
        var hash = NativePassword.Hash(account.Password.Span);
        return DoAsync(
            $"make the account {account.Name}",
            role.Create.Select(statement => statement.Render(account.Name, hash, "")), cancellationToken);
    }

    public Task ExtendAsync(AccountName name, DateTimeOffset validUntil, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task SetPasswordAsync(AccountName name, SecretBytes password, CancellationToken cancellationToken)
    {
        AccountPassword.Require(password);
        var hash = MariaDbGrammar.Literal(NativePassword.Hash(password.Span));
        return DoAsync(
            $"change the password of {name}",
            [$"ALTER USER {MariaDbGrammar.Account(name)} IDENTIFIED BY PASSWORD {hash}"], cancellationToken);
    }

    public Task EndSessionsAsync(AccountName name, CancellationToken cancellationToken) =>
        DoAsync($"end the sessions of {name}", [EndSessions(name)], cancellationToken);

    public Task TestLoginAsync(AccountName name, SecretBytes password, CancellationToken cancellationToken) =>
        ExplainedAsync($"let {name} in", async () =>
        {
            await using var session = MariaDbConnections.Single(connection, name, Encoding.ASCII.GetString(password.Span));
            await session.OpenAsync(cancellationToken);
        }, cancellationToken);

    /// <summary>
    /// The user first, then its sessions: in between no new one can begin. The role's own statements need not know that there
    /// may be no such user.
    /// </summary>
    public async Task DropAsync(AccountName name, string role, CancellationToken cancellationToken)
    {
        var doing = $"drop the account {name}";
        var own = _roles.GetValueOrDefault(role)?.Drop.Select(statement => statement.Render(name, "", "")).ToList() ?? [];
        if (own.Count > 0 && !await LockAsync(doing, name, cancellationToken))
            own.Clear();
        await DoAsync(doing, [.. own, $"DROP USER IF EXISTS {MariaDbGrammar.Account(name)}", EndSessions(name)], cancellationToken);
    }

    public Task PingAsync(CancellationToken cancellationToken) => DoAsync("answer", ["DO 1"], cancellationToken);

    public ValueTask DisposeAsync() => _pool.DisposeAsync();

    private static string EndSessions(AccountName name) => $"KILL HARD CONNECTION USER {MariaDbGrammar.Account(name)}";

    /// <returns>False: there is no such user. To ask for one, the broker's own would need to see all of them.</returns>
    private async Task<bool> LockAsync(string doing, AccountName name, CancellationToken cancellationToken)
    {
        try
        {
            await DoAsync(doing, [$"ALTER USER {MariaDbGrammar.Account(name)} ACCOUNT LOCK"], cancellationToken);
            return true;
        }
        catch (AccountServerRefusedException e) when (e.InnerException is MySqlException { ErrorCode: MySqlErrorCode.CannotUser })
        {
            return false;
        }
    }

    /// <summary>In one round trip; the server stops at the first that fails.</summary>
    private Task DoAsync(string doing, IEnumerable<string> statements, CancellationToken cancellationToken) =>
        ExplainedAsync(doing, async () =>
        {
            await using var session = await MariaDbConnections.OpenAsync(_pool, connection, cancellationToken);
            await using var command = new MySqlCommand(string.Join(";\n", statements), session);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }, cancellationToken);

    private async Task ExplainedAsync(string doing, Func<Task> act, CancellationToken cancellationToken)
    {
        try
        {
            await act();
        }
        catch (Exception e) when (MariaDbFailure.IsOne(e) && !cancellationToken.IsCancellationRequested)
        {
            throw MariaDbFailure.Explain(connection.Where, doing, e);
        }
    }
}
