using System.Collections.Concurrent;
using System.Text;
using SidecarAgent.Broker.Crypto;
using SidecarAgent.Broker.Engines.Accounts;

namespace SidecarAgent.Broker.Tests.Rotation;

/// <summary>An account server in memory with two accounts, which says who is let in.</summary>
internal sealed class TurnTakingServer : IAccountServer
{
    private readonly ConcurrentDictionary<string, string> _passwords = new() { ["orders_a"] = "a", ["orders_b"] = "b" };
    private int _asked;

    /// <summary>What a call of this name meets; null: nothing. The names are <c>set</c>, <c>test</c> and <c>end</c>.</summary>
    public Func<string, AccountName, Exception?> Failure { get; set; } = (_, _) => null;

    /// <summary>Accounts whose sessions were ended, in this order.</summary>
    public ConcurrentQueue<string> Ended { get; } = [];

    /// <summary>Passwords are set when this has completed; until then the server hangs.</summary>
    public Task Answers { get; set; } = Task.CompletedTask;

    /// <summary>How many calls were begun that set a password.</summary>
    public int Asked => _asked;

    public static TurnTakingServer Create() => new();

    public IReadOnlyCollection<string> Roles => [];

    public bool KeepsTime => false;

    public IReadOnlyDictionary<string, string> Address { get; } = new Dictionary<string, string> { ["host"] = "db.shop", ["port"] = "5432" };

    public bool LetsIn(string user, string password) => _passwords.GetValueOrDefault(user) == password;

    public async Task SetPasswordAsync(AccountName name, SecretBytes password, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _asked);
        Fail("set", name);
        await Answers.WaitAsync(cancellationToken);
        _passwords[name.Value] = Encoding.ASCII.GetString(password.Span);
    }

    public Task EndSessionsAsync(AccountName name, CancellationToken cancellationToken)
    {
        Fail("end", name);
        Ended.Enqueue(name.Value);
        return Task.CompletedTask;
    }

    public Task TestLoginAsync(AccountName name, SecretBytes password, CancellationToken cancellationToken)
    {
        Fail("test", name);
        return LetsIn(name.Value, Encoding.ASCII.GetString(password.Span))
            ? Task.CompletedTask
            : throw new AccountServerRefusedException($"{name} is not let in");
    }

    public AccountName NewName(string role) => throw new NotSupportedException();

    public Task CreateAsync(NewAccount account, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task ExtendAsync(AccountName name, DateTimeOffset validUntil, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task DropAsync(AccountName name, string role, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task PingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private void Fail(string call, AccountName name)
    {
        if (Failure(call, name) is { } failure)
            throw failure;
    }
}
