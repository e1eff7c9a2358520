using SidecarAgent.Broker.Crypto;

namespace SidecarAgent.Broker.Engines.Accounts;

/// <summary>An account that is to be made.</summary>
/// <param name="Name">From <see cref="IAccountServer.NewName"/>, and written down before.</param>
/// <param name="Password">Printable ASCII; see <see cref="AccountPassword"/>. The caller disposes it.</param>
/// <param name="ValidUntil">When the server stops taking it, where the server keeps time.</param>
/// <param name="Role">One of <see cref="IAccountServer.Roles"/>.</param>
internal sealed record NewAccount(AccountName Name, SecretBytes Password, DateTimeOffset ValidUntil, string Role);
