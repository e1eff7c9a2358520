using SidecarAgent.Broker.Engines;
using SidecarAgent.Broker.Engines.Accounts;
using SidecarAgent.Broker.Leases;
using SidecarAgent.Broker.Storage;

namespace SidecarAgent.Broker.Credentials;

/// <summary>
/// Keeps the promise of a lease that is extended: the server outside is told first, so that an account never ends
/// before its lease.
/// </summary>
internal sealed partial class CredentialExtension(
    Mounts mounts, Database database, TimeProvider clock, ILogger<CredentialExtension> logger)
{
    /// <summary>
    /// Two extensions of one account take turns: else the earlier time could reach the server last, while the later is
    /// promised. Of several accounts, few share a turn.
    /// </summary>
    private readonly SemaphoreSlim[] _turns = [.. Enumerable.Range(0, 64).Select(_ => new SemaphoreSlim(1))];

    /// <param name="wanted">A live lease as it is to be.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The lease as it can be promised: where the server could not be told, it ends earlier.</returns>
    public async Task<Lease> CoverAsync(Lease wanted, CancellationToken cancellationToken)
    {
        if (mounts.Find<DynamicEngine>(wanted.Path)?.Server is not { Accounts.KeepsTime: true } server)
            return wanted;
        // What it promises already was covered when it did.
        if (database.Cache.Holds(wanted, clock.GetUtcNow()))
            return wanted;
        var turn = _turns[(uint)wanted.Id.GetHashCode(StringComparison.Ordinal) % _turns.Length];
        await turn.WaitAsync(cancellationToken);
        try
        {
            return await CoverAsync(wanted, server, cancellationToken);
        }
        finally
        {
            turn.Release();
        }
    }

    private async Task<Lease> CoverAsync(Lease wanted, OutsideServer server, CancellationToken cancellationToken)
    {
        var credential = await database.ReadAsync(
            session => CredentialTable.FindAsync(session, wanted.Id, cancellationToken), cancellationToken);
        if (credential?.ValidUntil is not { } until || !CredentialRule.MustExtend(wanted.ExpiresAt, until))
            return wanted;

        var later = CredentialRule.ValidUntil(wanted.ExpiresAt);
        try
        {
            if (server.Pause is not null)
                throw new AccountServerUnreachableException("it could not be reached a moment ago");
            await server.AskAsync((accounts, stop) => accounts.ExtendAsync(credential.Account, later, stop), cancellationToken);
        }
        catch (AccountServerException e)
        {
            LogNotExtended(credential.Account.Value, server.Mount, e.Message);
            return wanted with { ExpiresAt = CredentialRule.WithoutExtension(wanted.ExpiresAt, until) };
        }

        await database.WriteAsync(
            async session =>
            {
                await CredentialTable.ExtendAsync(session, wanted.Id, later, cancellationToken);
                return true;
            },
            cancellationToken);
        return wanted;
    }

    [LoggerMessage(LogLevel.Warning, "The account {Account} on the server of {Mount} cannot be extended: {Problem}. Its lease ends when it was to end before, unless it is renewed in time.")]
    private partial void LogNotExtended(string account, string mount, string problem);
}
