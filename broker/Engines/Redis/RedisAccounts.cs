using System.Security.Cryptography;
using SidecarAgent.Broker.Crypto;
using SidecarAgent.Broker.Engines.Accounts;
using StackExchange.Redis;

namespace SidecarAgent.Broker.Engines.Redis;

/// <summary>
/// Users of one Redis (6.2 or newer). The server keeps no time for them: they end when the broker drops them. It is
/// told the SHA-256 of a password only. A user is made by one command, whole or not at all.
/// </summary>
/// <param name="connection">To the one server; replicas and other nodes of a cluster have users of their own.</param>
/// <param name="roles">What users may do.</param>
/// <param name="saves">Users are kept in the server's <c>aclfile</c>, so that they outlive its restart.</param>
internal sealed class RedisAccounts(AccountConnection connection, IReadOnlyList<RedisRole> roles, bool saves) : IAccountServer
{
    /// <summary>Redis itself has no limit.</summary>
    private const int LongestName = 80;

    private readonly RedisConnections _connections = new(connection);
    private readonly Dictionary<string, RedisRole> _roles = roles.ToDictionary(role => role.Name);

    public IReadOnlyCollection<string> Roles => _roles.Keys;

    public bool KeepsTime => false;

    public IReadOnlyDictionary<string, string> Address => connection.Address;

    public AccountName NewName(string role) => AccountName.Generate(role, LongestName);

    public Task CreateAsync(NewAccount account, CancellationToken cancellationToken)
    {
        AccountPassword.Require(account.Password);
        var role = _roles.GetValueOrDefault(account.Role)
            ?? throw new AccountServerRefusedException($"There is no role {account.Role} for Redis at {connection.Where}.");
        object[] rules = ["reset", "resetchannels", "on", Hash(account.Password), .. role.For(account.Name)];
        return ChangeAsync($"make the account {account.Name}", ["SETUSER", account.Name.Value, .. rules], cancellationToken);
    }

    public Task ExtendAsync(AccountName name, DateTimeOffset validUntil, CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task SetPasswordAsync(AccountName name, SecretBytes password, CancellationToken cancellationToken)
    {
        AccountPassword.Require(password);
        var doing = $"change the password of {name}";
        // SETUSER would make a user that is not there.
        var known = await DoAsync(doing, database => database.ExecuteAsync("ACL", "GETUSER", name.Value), cancellationToken);
        if (known.IsNull)
            throw new AccountServerRefusedException($"Redis at {connection.Where} did not {doing}: there is no such user.");
        await ChangeAsync(doing, ["SETUSER", name.Value, "resetpass", Hash(password)], cancellationToken);
    }

    public Task EndSessionsAsync(AccountName name, CancellationToken cancellationToken) =>
        DoAsync(
            $"end the sessions of {name}", database => database.ExecuteAsync("CLIENT", "KILL", "USER", name.Value), cancellationToken);

    public async Task TestLoginAsync(AccountName name, SecretBytes password, CancellationToken cancellationToken)
    {
        try
        {
            await RedisLogin.TryAsync(connection, name, password, cancellationToken);
        }
        catch (Exception e) when (RedisFailure.IsOne(e) && !cancellationToken.IsCancellationRequested)
        {
            throw RedisFailure.Explain(connection.Where, $"let {name} in", e);
        }
    }

    /// <summary>The server ends the user's connections itself.</summary>
    public Task DropAsync(AccountName name, string role, CancellationToken cancellationToken) =>
        ChangeAsync($"drop the account {name}", ["DELUSER", name.Value], cancellationToken);

    public Task PingAsync(CancellationToken cancellationToken) =>
        DoAsync("answer", database => database.ExecuteAsync("ACL", "WHOAMI"), cancellationToken);

    public ValueTask DisposeAsync() => _connections.DisposeAsync();

    private static string Hash(SecretBytes password) => $"#{Convert.ToHexStringLower(SHA256.HashData(password.Span))}";

    private async Task ChangeAsync(string doing, object[] arguments, CancellationToken cancellationToken)
    {
        await DoAsync(doing, database => database.ExecuteAsync("ACL", arguments), cancellationToken);
        if (saves)
            await DoAsync($"save its users after it did {doing}", database => database.ExecuteAsync("ACL", "SAVE"), cancellationToken);
    }

    private async Task<RedisResult> DoAsync(
        string doing, Func<IDatabase, Task<RedisResult>> act, CancellationToken cancellationToken)
    {
        try
        {
            var database = await _connections.GetAsync(cancellationToken);
            // Connecting may have taken all the time there was: what is sent now would take effect when nobody expects it any more.
            cancellationToken.ThrowIfCancellationRequested();
            return await act(database).WaitAsync(cancellationToken);
        }
        catch (Exception e) when (RedisFailure.IsOne(e) && !cancellationToken.IsCancellationRequested)
        {
            throw RedisFailure.Explain(connection.Where, doing, e);
        }
    }
}
