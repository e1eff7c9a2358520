using System.Text;
using Npgsql;
using SidecarAgent.Broker.Crypto;
using SidecarAgent.Broker.Engines.Accounts;

namespace SidecarAgent.Broker.Engines.Postgres;

/// <summary>
/// Login roles of a PostgreSQL (14 or newer). The server keeps their time (VALID UNTIL), and sees only the verifier of
/// a password. A role is made in one round trip and one transaction.
/// </summary>
/// <param name="connection">Its address, and the broker's own login.</param>
/// <param name="roles">What accounts are made for.</param>
/// <param name="iterations">Of generated passwords' verifiers.</param>
internal sealed class PostgresAccounts(
    AccountConnection connection, IReadOnlyList<RoleStatements> roles, int iterations = ScramVerifier.UsualIterations) : IAccountServer
{
    /// <summary>NAMEDATALEN - 1. Longer names are cut by the server, without a word.</summary>
    private const int LongestName = 63;

    private readonly NpgsqlDataSource _pool = PostgresConnections.Pool(connection);
    private readonly Dictionary<string, RoleStatements> _roles = roles.ToDictionary(role => role.Role);

    public IReadOnlyCollection<string> Roles => _roles.Keys;

    public bool KeepsTime => true;

    public IReadOnlyDictionary<string, string> Address => connection.Address;

    public AccountName NewName(string role) => AccountName.Generate(role, LongestName);

    public Task CreateAsync(NewAccount account, CancellationToken cancellationToken)
    {
        var verifier = Verifier(account.Password);
        var until = PostgresGrammar.Time(account.ValidUntil);
        var statements = Role(account.Role).Create.Select(statement => statement.Render(account.Name, verifier, until));
        return DoAsync($"make the account {account.Name}", statements, cancellationToken);
    }

    public Task ExtendAsync(AccountName name, DateTimeOffset validUntil, CancellationToken cancellationToken) =>
        DoAsync(
            $"extend the account {name}",
            [$"ALTER ROLE {Quoted(name)} VALID UNTIL {PostgresGrammar.Literal(PostgresGrammar.Time(validUntil))}"],
            cancellationToken);

    public Task SetPasswordAsync(AccountName name, SecretBytes password, CancellationToken cancellationToken)
    {
        var verifier = PostgresGrammar.Literal(Verifier(password));
        return DoAsync(
            $"change the password of {name}", [$"ALTER ROLE {Quoted(name)} PASSWORD {verifier}"], cancellationToken);
    }

    public Task EndSessionsAsync(AccountName name, CancellationToken cancellationToken) =>
        ExplainedAsync(
            $"end the sessions of {name}", () => PostgresSessions.EndAsync(_pool, name, cancellationToken), cancellationToken);

    public Task TestLoginAsync(AccountName name, SecretBytes password, CancellationToken cancellationToken) =>
        ExplainedAsync($"let {name} in", async () =>
        {
            await using var source = PostgresConnections.Single(connection, name, Encoding.ASCII.GetString(password.Span));
            await using var session = await source.OpenConnectionAsync(cancellationToken);
        }, cancellationToken);

    public Task DropAsync(AccountName name, string role, CancellationToken cancellationToken) =>
        ExplainedAsync(
            $"drop the account {name}",
            () => new PostgresDrop(_pool, _roles.GetValueOrDefault(role)).RunAsync(name, cancellationToken),
            cancellationToken);

    public Task PingAsync(CancellationToken cancellationToken) => DoAsync("answer", ["SELECT 1"], cancellationToken);

    public ValueTask DisposeAsync() => _pool.DisposeAsync();

    private static string Quoted(AccountName name) => PostgresGrammar.Identifier(name.Value);

    private string Verifier(SecretBytes password)
    {
        AccountPassword.Require(password);
        return ScramVerifier.Make(password.Span, AccountPassword.IsGenerated(password) ? iterations : ScramVerifier.UsualIterations);
    }

    private RoleStatements Role(string role) =>
        _roles.GetValueOrDefault(role)
        ?? throw new AccountServerRefusedException($"There is no role {role} for PostgreSQL at {connection.Where}.");

    /// <summary>All of them or none: what is sent together without a transaction of its own is one.</summary>
    private Task DoAsync(string doing, IEnumerable<string> statements, CancellationToken cancellationToken) =>
        ExplainedAsync(doing, async () =>
        {
            await using var batch = _pool.CreateBatch();
            foreach (var statement in statements)
                batch.BatchCommands.Add(new NpgsqlBatchCommand(statement));
            await batch.ExecuteNonQueryAsync(cancellationToken);
        }, cancellationToken);

    private async Task ExplainedAsync(string doing, Func<Task> act, CancellationToken cancellationToken)
    {
        try
        {
            await act();
        }
        catch (Exception e) when (PostgresFailure.IsOne(e) && !cancellationToken.IsCancellationRequested)
        {
            throw PostgresFailure.Explain(connection.Where, doing, e);
        }
    }
}
