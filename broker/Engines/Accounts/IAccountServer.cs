using SidecarAgent.Broker.Crypto;

namespace SidecarAgent.Broker.Engines.Accounts;

/// <summary>
/// A server outside on which the broker makes accounts that applications log in with: a database, a cache, a message
/// broker. It knows nothing of leases: whoever calls has written down the name before, so that no account is orphaned.
/// <para>
/// Every method throws <see cref="AccountServerUnreachableException"/> where trying again may help, and
/// <see cref="AccountServerRefusedException"/> where somebody must change something first. After either, a change may or
/// may not have happened; <see cref="DropAsync"/> and <see cref="SetPasswordAsync"/> may simply be called again.
/// </para>
/// </summary>
internal interface IAccountServer : IAsyncDisposable
{
    /// <summary>The roles that are configured: what an account may be made for. Names as they stand in paths.</summary>
    IReadOnlyCollection<string> Roles { get; }

    /// <summary>
    /// Whether the server itself refuses logins after an account's time. Where it does not, the account works until it
    /// is dropped, however late that is.
    /// </summary>
    bool KeepsTime { get; }

    /// <summary>
    /// What an application must know besides its account, such as <c>host</c>, <c>port</c>, <c>database</c>. None of it
    /// is secret.
    /// </summary>
    IReadOnlyDictionary<string, string> Address { get; }

    /// <summary>A fresh name that this server can take, never given before. Touches nothing.</summary>
    AccountName NewName(string role);

    /// <summary>Makes an account with the rights of its role, all of it or nothing where the server can do that.</summary>
    Task CreateAsync(NewAccount account, CancellationToken cancellationToken);

    /// <summary>
    /// Writes a later end into the server; does nothing where <see cref="KeepsTime"/> is false. Refused where the
    /// account is not there any more.
    /// </summary>
    Task ExtendAsync(AccountName name, DateTimeOffset validUntil, CancellationToken cancellationToken);

    /// <summary>Gives an existing account another password. Sessions that are open go on.</summary>
    Task SetPasswordAsync(AccountName name, SecretBytes password, CancellationToken cancellationToken);

    /// <summary>
    /// Ends the sessions that an account has open; the account stays. It sees to it first that the broker's own account
    /// may do that.
    /// </summary>
    Task EndSessionsAsync(AccountName name, CancellationToken cancellationToken);

    /// <summary>Logs in as an application would, on a connection of its own. Refused: the account does not work.</summary>
    Task TestLoginAsync(AccountName name, SecretBytes password, CancellationToken cancellationToken);

    /// <summary>
    /// Ends the account's sessions and removes it; what it owns goes as its role says. Quiet where there is none.
    /// </summary>
    /// <param name="name">The account.</param>
    /// <param name="role">What it was made for; one that is not configured any more is treated as usual.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task DropAsync(AccountName name, string role, CancellationToken cancellationToken);

    /// <summary>Asks whether the server answers the broker's own account.</summary>
    Task PingAsync(CancellationToken cancellationToken);
}
