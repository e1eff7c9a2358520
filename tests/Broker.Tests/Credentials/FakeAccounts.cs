using System.Collections.Concurrent;
using System.Text;
using SidecarAgent.Broker.Crypto;
using SidecarAgent.Broker.Engines.Accounts;

namespace SidecarAgent.Broker.Tests.Credentials;

/// <summary>An account server in memory, which can be away, slow, or of another opinion.</summary>
internal class FakeAccounts : IAccountServer
{
    private readonly ConcurrentDictionary<string, (string Password, DateTimeOffset ValidUntil)> _accounts = new();
    private int _calls;
    private int _created;
    private int _dropped;

    public static FakeAccounts Create() => new();

    /// <summary>What every call meets; null: nothing.</summary>
    public Func<Exception>? Failure { get; set; }

    /// <summary>Calls that make accounts wait for it.</summary>
    public Task Hold { get; set; } = Task.CompletedTask;

    /// <summary>What a call that extends an account until then waits for.</summary>
    public Func<DateTimeOffset, Task> HoldExtension { get; set; } = _ => Task.CompletedTask;

    /// <summary>Made, and not dropped.</summary>
    public IReadOnlyDictionary<string, (string Password, DateTimeOffset ValidUntil)> All => _accounts;

    public int Calls => Volatile.Read(ref _calls);

    public int Created => Volatile.Read(ref _created);

    public int Dropped => Volatile.Read(ref _dropped);

    public IReadOnlyCollection<string> Roles { get; } = ["orders", "other"];

    public bool KeepsTime => true;

    public IReadOnlyDictionary<string, string> Address { get; } = new Dictionary<string, string> { ["host"] = "db.shop", ["port"] = "5432" };

    public AccountName NewName(string role) => AccountName.Generate(role, 63);

    public async Task CreateAsync(NewAccount account, CancellationToken cancellationToken)
    {
        Fail();
        var password = Encoding.ASCII.GetString(account.Password.Span);
        await Hold.WaitAsync(cancellationToken);
        _accounts[account.Name.Value] = (password, account.ValidUntil);
        Interlocked.Increment(ref _created);
    }

    public async Task ExtendAsync(AccountName name, DateTimeOffset validUntil, CancellationToken cancellationToken)
    {
        Fail();
        await HoldExtension(validUntil).WaitAsync(cancellationToken);
        _accounts[name.Value] = (_accounts[name.Value].Password, validUntil);
    }

    public Task SetPasswordAsync(AccountName name, SecretBytes password, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task EndSessionsAsync(AccountName name, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task TestLoginAsync(AccountName name, SecretBytes password, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task DropAsync(AccountName name, string role, CancellationToken cancellationToken)
    {
        Fail();
        _accounts.TryRemove(name.Value, out _);
        Interlocked.Increment(ref _dropped);
        return Task.CompletedTask;
    }

    public Task PingAsync(CancellationToken cancellationToken)
    {
        Fail();
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private void Fail()
    {
        Interlocked.Increment(ref _calls);
        if (Failure is { } failure)
            throw failure();
    }
}
