using SidecarAgent.Broker.Crypto;
using SidecarAgent.Broker.Engines.Accounts;

namespace SidecarAgent.BrokerHost;

/// <summary>The account server, and the end of the process before or after what it does.</summary>
internal sealed class DoomedAccounts(IAccountServer server, Doom doom) : IAccountServer
{
    public IReadOnlyCollection<string> Roles => server.Roles;

    public bool KeepsTime => server.KeepsTime;

    public IReadOnlyDictionary<string, string> Address => server.Address;

    public AccountName NewName(string role) => server.NewName(role);

    public async Task CreateAsync(NewAccount account, CancellationToken cancellationToken)
    {
        doom.At(Step.BeforeCreate);
        await server.CreateAsync(account, cancellationToken);
        doom.At(Step.AfterCreate);
    }

    public Task ExtendAsync(AccountName name, DateTimeOffset validUntil, CancellationToken cancellationToken) =>
        server.ExtendAsync(name, validUntil, cancellationToken);

    public Task SetPasswordAsync(AccountName name, SecretBytes password, CancellationToken cancellationToken) =>
        server.SetPasswordAsync(name, password, cancellationToken);

    public Task EndSessionsAsync(AccountName name, CancellationToken cancellationToken) =>
        server.EndSessionsAsync(name, cancellationToken);

    public Task TestLoginAsync(AccountName name, SecretBytes password, CancellationToken cancellationToken) =>
        server.TestLoginAsync(name, password, cancellationToken);

    public async Task DropAsync(AccountName name, string role, CancellationToken cancellationToken)
    {
        doom.At(Step.BeforeDrop);
        await server.DropAsync(name, role, cancellationToken);
        doom.At(Step.AfterDrop);
    }

    public Task PingAsync(CancellationToken cancellationToken) => server.PingAsync(cancellationToken);

    public ValueTask DisposeAsync() => server.DisposeAsync();
}
