namespace SidecarAgent.Broker.Storage;

/// <summary>How much is in a backup, and which keys it takes to read it.</summary>
internal sealed record BackupContents(long Secrets, long Versions, long Leases, long Accounts, long CutOffs, IReadOnlyList<string> KeyIds)
{
    public static async Task<BackupContents> CountAsync(Session session, CancellationToken cancellationToken)
    {
        Task<long> Rows(string table) => session.Statement($"SELECT COUNT(*) FROM {table}").NumberAsync(cancellationToken);
        return new BackupContents(
            await Rows("secret"), await Rows("secret_version"), await Rows("lease"), await Rows("credential"), await Rows("cut_off"),
            await WrappedKeyTable.KeyIdsAsync(session, cancellationToken));
    }

    public override string ToString() =>
        $"{Secrets} secrets, {Versions} versions, {Leases} leases, {Accounts} accounts outside, {CutOffs} cut-offs";
}
