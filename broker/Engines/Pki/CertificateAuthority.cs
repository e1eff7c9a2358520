using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using SidecarAgent.Broker.Crypto;
using SidecarAgent.Broker.Engines.Accounts;
using SidecarAgent.Broker.Identity;
using SidecarAgent.Broker.Storage;

namespace SidecarAgent.Broker.Engines.Pki;

/// <summary>
/// A CA of the broker's own. To the flow of leases its certificates are accounts: issued for a holder, and revoked when
/// the lease ends. A certificate is never extended: its holder gets another one.
/// </summary>
internal sealed class CertificateAuthority(
    string mount, PkiOptions options, Database database, FieldSealer sealer, TimeProvider clock) : ICertificateIssuer
{
    private const int SerialSize = 16;

    /// <summary>How long a list of revocations is good for; it is signed anew long before.</summary>
    private static readonly TimeSpan ListLifetime = TimeSpan.FromHours(24);

    private static readonly TimeSpan ListRenewed = TimeSpan.FromHours(1);

    private readonly SemaphoreSlim _one = new(1);
    private readonly SemaphoreSlim _listing = new(1);
    private AuthorityKey? _authority;
    private volatile SignedList? _list;
    private int _revocations;

    public IReadOnlyCollection<string> Roles => [.. options.Roles.Keys];

    public bool KeepsTime => true;

    /// <summary>When the CA ends; null: it was not needed since the start.</summary>
    public DateTimeOffset? EndsAt => _authority is { } authority ? authority.Certificate.NotAfter : null;

    public IReadOnlyDictionary<string, string> Address { get; } = new Dictionary<string, string>();

    public IReadOnlyList<string> FieldNames { get; } = ["ca", "certificate", "chain", IssuedCertificate.KeyField];

    /// <summary>A serial number: 127 random bits, positive (RFC 5280, section 4.1.2.2).</summary>
    public AccountName NewName(string role)
    {
        var serial = RandomNumberGenerator.GetBytes(SerialSize);
        serial[0] = (byte)((serial[0] & 0x7f) | 0x40);
        return AccountName.Stored(Convert.ToHexStringLower(serial));
    }

    public async Task<IssuedCertificate> IssueAsync(
        AccountName serial, string role, Workload workload, DateTimeOffset validUntil, CancellationToken cancellationToken)
    {
        var wanted = options.Roles.GetValueOrDefault(role)
            ?? throw new AccountServerRefusedException($"There is no role {role} of the CA at {mount}.");
        var names = wanted.Names.Select(name => name.For(workload) ?? throw new AccountServerRefusedException(
            $"{ForeignText.Clean(workload.Namespace)}/{ForeignText.Clean(workload.ServiceAccount)} cannot be put into the name {name.Pattern} of the role {role}")).ToList();
        var authority = await AuthorityAsync(cancellationToken);
        var now = clock.GetUtcNow();
        if (authority.Certificate.NotAfter <= now)
            throw new AccountServerRefusedException($"The CA at {mount} has ended; mount another one.");

        var (certificate, pair) = LeafCertificate.Make(
            authority, wanted, names, Convert.FromHexString(serial.Value), options.CrlUrl, now, validUntil);
        await database.WriteAsync(s => CertificateTable.AddAsync(s, mount, serial.Value, validUntil, CancellationToken.None), CancellationToken.None);
        return new IssuedCertificate(certificate, certificate, Pem(authority.Certificate), pair.Value);
    }

    /// <summary>The CA's own certificate, PEM.</summary>
    public async Task<string> CertificateAsync(CancellationToken cancellationToken) =>
        Pem((await AuthorityAsync(cancellationToken)).Certificate);

    /// <summary>
    /// The certificates that are revoked (RFC 5280, section 5), DER. Everybody may ask for it, so it is signed anew only when
    /// another one is revoked, or the last is an hour old.
    /// </summary>
    public async Task<byte[]> RevocationListAsync(CancellationToken cancellationToken)
    {
        if (IsCurrent(_list))
            return _list.Der;
        await _listing.WaitAsync(cancellationToken);
        try
        {
            if (!IsCurrent(_list))
                _list = await SignListAsync(cancellationToken);
            return _list.Der;
        }
        finally
        {
            _listing.Release();
        }
    }

    /// <summary>All was done when the values were made.</summary>
    public Task CreateAsync(NewAccount account, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task ExtendAsync(AccountName name, DateTimeOffset validUntil, CancellationToken cancellationToken) =>
        throw new AccountServerRefusedException("A certificate cannot be extended; its holder gets another one.");

    public Task SetPasswordAsync(AccountName name, SecretBytes password, CancellationToken cancellationToken) => throw NoPassword();

    /// <summary>A certificate has none that anybody could end.</summary>
    public Task EndSessionsAsync(AccountName name, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task TestLoginAsync(AccountName name, SecretBytes password, CancellationToken cancellationToken) => throw NoPassword();

    /// <summary>From now on the certificate is on the list.</summary>
    public async Task DropAsync(AccountName name, string role, CancellationToken cancellationToken)
    {
        await database.WriteAsync(
            async session =>
            {
                await CertificateTable.RevokeAsync(session, mount, name.Value, clock.GetUtcNow(), CancellationToken.None);
                return true;
            },
            CancellationToken.None);
        Interlocked.Increment(ref _revocations);
    }

    public Task PingAsync(CancellationToken cancellationToken) => AuthorityAsync(cancellationToken);

    public ValueTask DisposeAsync()
    {
        _authority?.Dispose();
        _one.Dispose();
        _listing.Dispose();
        return ValueTask.CompletedTask;
    }

    private bool IsCurrent([NotNullWhen(true)] SignedList? list) =>
        list is not null && list.Revocations == Volatile.Read(ref _revocations) && clock.GetElapsedTime(list.SignedAt) < ListRenewed;

    private async Task<SignedList> SignListAsync(CancellationToken cancellationToken)
    {
        var authority = await AuthorityAsync(cancellationToken);
        // Before the database is asked: what is revoked meanwhile makes another list.
        var revocations = Volatile.Read(ref _revocations);
        var now = clock.GetUtcNow();
        var list = new CertificateRevocationListBuilder();
        var revoked = await database.ReadAsync(s => CertificateTable.RevokedAsync(s, mount, now, cancellationToken), cancellationToken);
        foreach (var (serial, at) in revoked)
            list.AddEntry(Convert.FromHexString(serial), at);
        // Numbers must only grow; time does.
        var der = list.Build(
            authority.Certificate.SubjectName, X509SignatureGenerator.CreateForECDsa(authority.Key), now.ToUnixTimeMilliseconds(),
            now + ListLifetime, HashAlgorithmName.SHA256,
            X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority.Certificate, true, false), now);
        return new SignedList(der, clock.GetTimestamp(), revocations);
    }

    private static AccountServerRefusedException NoPassword() => new("A certificate has no password.");

    private static string Pem(X509Certificate2 certificate) => certificate.ExportCertificatePem() + "\n";

    private async Task<AuthorityKey> AuthorityAsync(CancellationToken cancellationToken)
    {
        if (_authority is { } loaded)
            return loaded;
        await _one.WaitAsync(cancellationToken);
        try
        {
            return _authority ??= await AuthorityKey.LoadOrMakeAsync(mount, options, database, sealer, clock.GetUtcNow(), cancellationToken);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <param name="Der">The list.</param>
    /// <param name="SignedAt">When, by the clock that nobody sets.</param>
    /// <param name="Revocations">How many certificates this process had revoked before.</param>
    private sealed record SignedList(byte[] Der, long SignedAt, int Revocations);
}
