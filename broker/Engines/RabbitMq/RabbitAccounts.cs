using System.Text.Json.Nodes;
using SidecarAgent.Broker.Crypto;
using SidecarAgent.Broker.Engines.Accounts;

namespace SidecarAgent.Broker.Engines.RabbitMq;

/// <summary>
/// Users of a RabbitMQ (3.9 or newer), made through its management API. The server keeps no time for them: they end
/// when the broker drops them. It is told hashes of passwords only. A user can do nothing before its last permission is
/// set; one whose making failed half-way is dropped like any other.
/// </summary>
/// <param name="connection">Its host, and the port of AMQP, where applications log in.</param>
/// <param name="managementPort">The port of the API.</param>
/// <param name="virtualHost">Where a login is tried, and what applications are told.</param>
/// <param name="roles">What users may do.</param>
internal sealed class RabbitAccounts(
    AccountConnection connection, int managementPort, string virtualHost, IReadOnlyList<RabbitRole> roles) : IAccountServer
{
    private const int LongestName = 128;

    private readonly ManagementApi _api = new(connection, managementPort);
    private readonly Dictionary<string, RabbitRole> _roles = roles.ToDictionary(role => role.Name);

    public IReadOnlyCollection<string> Roles => _roles.Keys;

    public bool KeepsTime => false;

    public IReadOnlyDictionary<string, string> Address { get; } =
        new Dictionary<string, string>(connection.Address) { ["vhost"] = virtualHost };

    public AccountName NewName(string role) => AccountName.Generate(role, LongestName);

    public async Task CreateAsync(NewAccount account, CancellationToken cancellationToken)
    {
        AccountPassword.Require(account.Password);
        var role = _roles.GetValueOrDefault(account.Role)
            ?? throw new AccountServerRefusedException($"There is no role {account.Role} for RabbitMQ at {connection.Where}.");
        await PutUserAsync(account.Name, account.Password, string.Join(',', role.Tags), $"make the account {account.Name}", cancellationToken);
        foreach (var permission in role.Permissions)
        {
            var body = new JsonObject
            {
                ["configure"] = RabbitPermission.For(account.Name, permission.Configure),
                ["write"] = RabbitPermission.For(account.Name, permission.Write),
                ["read"] = RabbitPermission.For(account.Name, permission.Read),
            };
            var path = $"permissions/{Uri.EscapeDataString(permission.VirtualHost)}/{Uri.EscapeDataString(account.Name.Value)}";
            var giving = $"give {account.Name} rights in the virtual host {permission.VirtualHost}";
            _ = await _api.AskAsync(HttpMethod.Put, path, body, giving, cancellationToken)
                ?? throw new AccountServerRefusedException($"RabbitMQ at {connection.Where} did not {giving}: there is none.");
        }
    }

    public Task ExtendAsync(AccountName name, DateTimeOffset validUntil, CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task SetPasswordAsync(AccountName name, SecretBytes password, CancellationToken cancellationToken)
    {
        AccountPassword.Require(password);
        var doing = $"change the password of {name}";
        // Putting a user replaces it, tags and all, and would make one that is not there.
        var user = await _api.AskAsync(HttpMethod.Get, User(name), null, doing, cancellationToken)
            ?? throw new AccountServerRefusedException($"RabbitMQ at {connection.Where} did not {doing}: there is no such user.");
        var tags = user["tags"] is JsonArray list ? string.Join(',', list.Select(tag => tag?.ToString())) : user["tags"]?.ToString() ?? "";
        await PutUserAsync(name, password, tags, doing, cancellationToken);
    }

    public Task EndSessionsAsync(AccountName name, CancellationToken cancellationToken) =>
        EndSessionsAsync(name, $"end the sessions of {name}", cancellationToken);

    public Task TestLoginAsync(AccountName name, SecretBytes password, CancellationToken cancellationToken) =>
        RabbitLogin.TryAsync(connection, virtualHost, name, password, cancellationToken);

    /// <summary>The user first, then its connections: in between no new one can begin.</summary>
    public async Task DropAsync(AccountName name, string role, CancellationToken cancellationToken)
    {
        var doing = $"drop the account {name}";
        await _api.AskAsync(HttpMethod.Delete, User(name), null, doing, cancellationToken);
        await EndSessionsAsync(name, doing, cancellationToken);
    }

    public async Task PingAsync(CancellationToken cancellationToken) =>
        await _api.AskAsync(HttpMethod.Get, "whoami", null, "answer", cancellationToken);

    public ValueTask DisposeAsync()
    {
        _api.Dispose();
        return ValueTask.CompletedTask;
    }

    private Task<JsonNode?> EndSessionsAsync(AccountName name, string doing, CancellationToken cancellationToken) =>
        _api.AskAsync(HttpMethod.Delete, $"connections/username/{Uri.EscapeDataString(name.Value)}", null, doing, cancellationToken);

    private static string User(AccountName name) => $"users/{Uri.EscapeDataString(name.Value)}";

    private Task<JsonNode?> PutUserAsync(
        AccountName name, SecretBytes password, string tags, string doing, CancellationToken cancellationToken)
    {
        var body = new JsonObject
        {
            ["password_hash"] = RabbitPassword.Hash(password.Span),
            ["hashing_algorithm"] = RabbitPassword.Algorithm,
            ["tags"] = tags,
        };
        return _api.AskAsync(HttpMethod.Put, User(name), body, doing, cancellationToken);
    }
}
