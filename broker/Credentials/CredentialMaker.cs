using SidecarAgent.Broker.Configuration;
using SidecarAgent.Broker.Crypto;
using SidecarAgent.Broker.Engines;
using SidecarAgent.Broker.Engines.Accounts;
using SidecarAgent.Broker.Engines.Pki;
using SidecarAgent.Broker.Leases;
using SidecarAgent.Broker.Secrets;
using SidecarAgent.Broker.Storage;

namespace SidecarAgent.Broker.Credentials;

/// <summary>
/// Makes accounts outside, in steps of which each leaves something that a crash after it can be repaired from: 1. a row
/// says that the account is about to be; 2. the account is made; 3. in one transaction, values, lease and row are live.
/// Whatever ends between the first and the last is dropped by <see cref="Revocations"/>.
/// </summary>
internal sealed partial class CredentialMaker(
    Mounts mounts, Database database, CutOffs cutOffs, FieldSealer sealer, LimitOptions limits, TimeProvider clock,
    ILogger<CredentialMaker> logger) : IAsyncDisposable
{
    private static readonly TimeSpan RetryKeyService = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan RetryRefused = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan RetryTooMany = TimeSpan.FromSeconds(15);
    private static readonly NotMade EndedAtOnce = new("the credential ended before it could be given out", TimeSpan.FromSeconds(1));

    private readonly Lock _lock = new();
    private readonly Dictionary<(string Holder, SecretPath Path), (string Lease, Task<NotMade?> Making)> _underWay = [];

    /// <summary>The leases whose accounts are being made here and now, however long that takes.</summary>
    public IReadOnlySet<string> UnderWay
    {
        get
        {
            lock (_lock)
                return _underWay.Values.Select(one => one.Lease).ToHashSet();
        }
    }

    /// <summary>Gives the account that is to be made a name, so that it can be written down before.</summary>
    public Answer.Make Name(Answer.Make make)
    {
        var (engine, role) = Find(make.Lease.Path);
        // A certificate is never extended: a lease that could be renewed would be replaced only when the certificate has ended.
        var lease = engine.Server.Accounts is ICertificateIssuer ? make.Lease with { MaxExpiresAt = make.Lease.ExpiresAt } : make.Lease;
        return make with { Lease = lease, Account = engine.Server.Accounts.NewName(role) };
    }

    /// <summary>
    /// Makes a credential and its lease. Asked several times for one holder and path at once, it makes one. It goes on
    /// when a caller hangs up: the holder finds the lease when it asks again.
    /// </summary>
    /// <returns>
    /// Why the holder may find none; also when one was made, for the case that it has ended before it was looked at.
    /// </returns>
    public async Task<NotMade> MakeAsync(Answer.Make make, CancellationToken cancellationToken)
    {
        var key = (make.Lease.Workload.Holder, make.Lease.Path);
        (string Lease, Task<NotMade?> Making) one;
        lock (_lock)
        {
            if (!_underWay.TryGetValue(key, out one))
                _underWay.Add(key, one = (make.Lease.Id, Task.Run(() => MakeAsync(make, key), CancellationToken.None)));
        }

        return await one.Making.WaitAsync(cancellationToken) ?? EndedAtOnce;
    }

    /// <summary>Completes when nothing is under way any more.</summary>
    public async ValueTask DisposeAsync()
    {
        Task[] underWay;
        lock (_lock)
            underWay = [.. _underWay.Values.Select(one => one.Making)];
        await Task.WhenAll(underWay).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task<NotMade?> MakeAsync(Answer.Make make, (string, SecretPath) key)
    {
        try
        {
            var (engine, role) = Find(make.Lease.Path);
            return await AwayAsync(engine.Server) ?? await MakeAsync(make, engine.Server, role);
        }
        finally
        {
            lock (_lock)
                _underWay.Remove(key);
        }
    }

    /// <summary>Does not write down what cannot be: a server that was away is asked first whether it is back.</summary>
    private static async Task<NotMade?> AwayAsync(OutsideServer server)
    {
        if (server.Pause is { } pause)
            return NotReached(server, pause);
        if (!server.WasAway)
            return null;
        try
        {
            await server.AskAsync((accounts, stop) => accounts.PingAsync(stop), CancellationToken.None);
            return null;
        }
        catch (AccountServerException)
        {
            return NotReached(server, server.Pause);
        }
    }

    private async Task<NotMade?> MakeAsync(Answer.Make make, OutsideServer server, string role)
    {
        var now = clock.GetUtcNow();
        var began = clock.GetTimestamp();
        var validUntil = CredentialRule.ValidUntil(make.Lease.ExpiresAt);
        var credential = new Credential
        {
            Id = make.Lease.Id,
            Workload = make.Lease.Workload,
            Path = make.Lease.Path,
            Version = 0,
            Role = role,
            Account = make.Account ?? throw new InvalidOperationException("The account was not named."),
            State = CredentialState.Creating,
            CreatedAt = now,
            InDoubtUntil = CredentialRule.InDoubtUntil(now, server.Timeout),
        };

        // 1. The intent.
        var (version, problem) = await database.WriteAsync(s => IntendAsync(s, credential, make.After), CancellationToken.None);
        if (version == 0)
            return problem;
        try
        {
            using var password = AccountPassword.Generate();
            var values = server.Accounts is ICertificateIssuer issuer
                ? await IssueAsync(server, issuer, credential with { Version = version }, validUntil)
                : await SealAsync(credential with { Version = version }, password, server.Accounts.Address);

            // The doubt must not be over before the call is: a crash in the middle of it would leave what is dropped too early.
            if (clock.GetElapsedTime(began) > server.Timeout)
            {
                var inDoubtUntil = CredentialRule.InDoubtUntil(clock.GetUtcNow(), server.Timeout);
                await database.WriteAsync(
                    s => CredentialTable.DoubtAsync(s, credential.Id, inDoubtUntil, CancellationToken.None), CancellationToken.None);
            }

            // 2. The account.
            await server.AskAsync(
                (accounts, stop) => accounts.CreateAsync(new NewAccount(credential.Account, password, validUntil, role), stop),
                CancellationToken.None);

            // 3. The lease.
            var lease = make.Lease with { Version = version };
            var until = server.Accounts.KeepsTime ? validUntil : (DateTimeOffset?)null;
            var isLive = await database.WriteAsync(s => BeginAsync(s, values, lease, until), CancellationToken.None);
            if (!isLive)
                await AbandonAsync(credential);
            return null;
        }
        catch (AccountServerException e)
        {
            await AbandonAsync(credential);
            if (e is AccountServerUnreachableException)
                return NotReached(server, server.Pause);
            LogRefused(server.Mount, role, e.Message);
            return new NotMade($"the server of {server.Mount} refuses to make an account for {role}; the broker's log says why", RetryRefused);
        }
        catch (KeyUnavailableException e)
        {
            // Before anything was made outside: values that cannot be kept are not made.
            await AbandonAsync(credential);
            return new NotMade($"the broker cannot encrypt what it would make: {e.Message}", RetryKeyService);
        }
        catch
        {
            await AbandonAsync(credential);
            throw;
        }
    }

    private async Task<(ulong Version, NotMade? Problem)> IntendAsync(Session session, Credential credential, ulong after)
    {
        var holder = credential.Workload.Holder;
        var held = await LeaseTable.OfHolderAsync(session, holder, credential.Path, credential.CreatedAt, CancellationToken.None);
        if (held.Exists(lease => lease.Version > after) || cutOffs.Find(credential.Workload, credential.Path) is not null)
            return (0, null);
        if (await CredentialTable.CountOfHolderAsync(session, holder, CancellationToken.None) >= limits.DynamicLeases)
        {
            return (0, new NotMade(
                $"this pod has {limits.DynamicLeases} accounts already, or so many are being dropped; it gets another when one of them is gone",
                RetryTooMany));
        }

        var version = await SecretTable.ReserveAsync(session, credential.Path, CancellationToken.None);
        await CredentialTable.AddAsync(session, credential with { Version = version }, CancellationToken.None);
        return (version, null);
    }

    private async Task<SecretVersion> SealAsync(
        Credential credential, SecretBytes password, IReadOnlyDictionary<string, string> address)
    {
        var fields = new List<StoredField>
        {
            await SealAsync(credential, DynamicEngine.PasswordField, FieldClass.Secret, password.Memory),
            await SealAsync(credential, DynamicEngine.UserField, FieldClass.Identifier, Utf8(credential.Account.Value)),
        };
        foreach (var (name, value) in address)
            fields.Add(await SealAsync(credential, name, FieldClass.Identifier, Utf8(value)));
        return new SecretVersion(credential.Path, credential.Version, credential.CreatedAt, "engine", fields);
    }

    /// <summary>A key is much work for the processor. A thousand pods that want one must not keep it from all others.</summary>
    private async Task<SecretVersion> IssueAsync(
        OutsideServer server, ICertificateIssuer issuer, Credential credential, DateTimeOffset validUntil)
    {
        IssuedCertificate? made = null;
        await server.AskAsync(
            async (_, stop) => made = await issuer.IssueAsync(credential.Account, credential.Role, credential.Workload, validUntil, stop),
            CancellationToken.None);
        using var issued = made!;
        var fields = new List<StoredField>
        {
            await SealAsync(credential, IssuedCertificate.KeyField, FieldClass.Secret, issued.Key.Memory),
        };
        foreach (var (name, value) in issued.Identifiers)
            fields.Add(await SealAsync(credential, name, FieldClass.Identifier, Utf8(value)));
        return new SecretVersion(credential.Path, credential.Version, credential.CreatedAt, "engine", fields);
    }

    private async Task<StoredField> SealAsync(Credential credential, string name, FieldClass fieldClass, ReadOnlyMemory<byte> value)
    {
        var address = new FieldAddress(credential.Path, credential.Version, name, fieldClass);
        return new StoredField(name, fieldClass, null, await sealer.SealAsync(address, value, CancellationToken.None));
    }

    private async Task<bool> BeginAsync(Session session, SecretVersion values, Lease lease, DateTimeOffset? validUntil)
    {
        if (cutOffs.Find(lease.Workload, lease.Path) is not null
            || !await CredentialTable.BeginAsync(session, lease.Id, validUntil, CancellationToken.None))
        {
            return false;
        }

        await SecretTable.AddReservedAsync(session, values, CancellationToken.None);
        return await LeaseTable.AddAsync(session, lease, null, clock.GetUtcNow(), CancellationToken.None);
    }

    private Task<bool> AbandonAsync(Credential credential) =>
        database.WriteAsync(
            async session =>
            {
                await CredentialTable.EndAsync(session, credential.Id, clock.GetUtcNow(), CancellationToken.None);
                return true;
            },
            CancellationToken.None);

    private (DynamicEngine Engine, string Role) Find(SecretPath path) =>
        mounts.Find<DynamicEngine>(path) is { } engine && engine.TryGetRole(path, out var role)
            ? (engine, role)
            : throw new InvalidOperationException($"Nothing makes {path}.");

    private static NotMade NotReached(OutsideServer server, TimeSpan? pause) => new(
        $"the server of {server.Mount} cannot be reached now; the broker's log says why",
        pause is { } wait && wait > TimeSpan.FromSeconds(1) ? wait : TimeSpan.FromSeconds(1));

    private static byte[] Utf8(string text) => System.Text.Encoding.UTF8.GetBytes(text);

    [LoggerMessage(LogLevel.Error, "The server of {Mount} refuses to make an account for the role {Role}: {Problem}. Correct its statements, or the rights of the broker's own account.")]
    private partial void LogRefused(string mount, string role, string problem);
}
