using System.Security.Cryptography;
using SidecarAgent.Broker.Crypto;

namespace SidecarAgent.Broker.Storage;

/// <summary>
/// Wraps every stored data key with the current KEK, while the broker serves. Its only state are the rows themselves:
/// those whose key id is not the current one are left to do, so one that was interrupted goes on where it was when it
/// is begun again. Values are not touched.
/// </summary>
internal sealed class Rewrap(Database database, KeyRing keys, TimeProvider clock)
{
    public const int DefaultRate = 1000;
    public const int HighestRate = 100_000;

    private const int DataKeySize = DataKeyCache.KeySize;
    private const int BatchesPerSecond = 5;

    private int _running;

    /// <param name="rate">At most so many data keys a second.</param>
    /// <param name="report">Is told how far it has got, after each batch.</param>
    /// <param name="cancellationToken">Interrupts it between two batches.</param>
    /// <returns>How far it got in the end; null: another rewrap is running.</returns>
    /// <exception cref="KeyUnavailableException">A key service cannot be used. What is done is done.</exception>
    public async Task<RewrapProgress?> RunAsync(
        int rate, Func<RewrapProgress, Task> report, CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _running, 1) != 0)
            return null;
        try
        {
            return await RunAloneAsync(rate, report, cancellationToken);
        }
        finally
        {
            Volatile.Write(ref _running, 0);
        }
    }

    private async Task<RewrapProgress> RunAloneAsync(
        int rate, Func<RewrapProgress, Task> report, CancellationToken cancellationToken)
    {
        await keys.CheckAsync(cancellationToken);
        var current = keys.KeyId ?? throw new KeyUnavailableException("the key service does not say which key it uses");
        var counts = await database.ReadAsync(s => CountAsync(s, cancellationToken), cancellationToken);
        var earlier = counts.Where(count => count.KeyId != current).ToList();
        var progress = new RewrapProgress(current, earlier.Sum(count => count.Rows), 0, 0, null);
        await report(progress);

        var size = Math.Max(1, rate / BatchesPerSecond);
        foreach (var (table, keyId, _) in earlier)
        {
            WrappedKeyTable.Row? last = null;
            while (true)
            {
                var started = clock.GetTimestamp();
                var rows = await database.ReadAsync(
                    s => table.ListAsync(s, keyId, last, size, cancellationToken), cancellationToken);
                if (rows.Count == 0)
                    break;
                last = rows[^1];
                progress = await RewrapAsync(table, rows, progress, cancellationToken);
                await report(progress);
                var pause = TimeSpan.FromSeconds((double)rows.Count / rate) - clock.GetElapsedTime(started);
                if (pause > TimeSpan.Zero)
                    await Task.Delay(pause, clock, cancellationToken);
            }
        }

        return progress;
    }

    private async Task<RewrapProgress> RewrapAsync(
        WrappedKeyTable table, List<WrappedKeyTable.Row> rows, RewrapProgress progress, CancellationToken cancellationToken)
    {
        var wrapped = new List<(WrappedKeyTable.Row Row, WrappedKey Fresh)>(rows.Count);
        using var key = new SecretBytes(DataKeySize);
        foreach (var row in rows)
        {
            try
            {
                await keys.UnwrapAsync(row.Wrapped, key.Memory, cancellationToken);
            }
            catch (CryptographicException e)
            {
                progress = progress with { Failed = progress.Failed + 1, Problem = progress.Problem ?? e.Message };
                continue;
            }

            wrapped.Add((row, await keys.WrapAsync(key.Memory, cancellationToken)));
        }

        // One that is gone, or was wrapped anew by somebody else, is done, too.
        await database.WriteAsync(
            async session =>
            {
                foreach (var (row, fresh) in wrapped)
                    await table.ReplaceAsync(session, row, fresh, CancellationToken.None);
                return true;
            },
            CancellationToken.None);
        return progress with { Done = progress.Done + wrapped.Count };
    }

    private static async Task<List<(WrappedKeyTable Table, string KeyId, long Rows)>> CountAsync(
        Session session, CancellationToken cancellationToken)
    {
        var counts = new List<(WrappedKeyTable, string, long)>();
        foreach (var table in WrappedKeyTable.All)
        {
            foreach (var (keyId, rows) in await table.CountAsync(session, cancellationToken))
                counts.Add((table, keyId, rows));
        }

        return counts;
    }
}
