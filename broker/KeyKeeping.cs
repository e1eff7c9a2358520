using SidecarAgent.Broker.Crypto;
using SidecarAgent.Broker.Storage;

namespace SidecarAgent.Broker;

/// <summary>What operators do with the key-encryption keys.</summary>
internal sealed class KeyKeeping(Database database, KeyRing keys, TimeProvider clock)
{
    private readonly Rewrap _rewrap = new(database, keys, clock);

    /// <summary>The id of the key that wraps now; null: the key service has not said yet.</summary>
    public string? CurrentId => keys.KeyId;

    /// <inheritdoc cref="KeyRing.Services"/>
    public IEnumerable<KeyServiceHealth> Services => keys.Services;

    /// <inheritdoc cref="KeyRing.Knows"/>
    public bool Knows(string keyId) => keys.Knows(keyId);

    /// <returns>How many stored data keys each key has wrapped, sorted by key id; the current key is always there.</returns>
    public async Task<IReadOnlyList<(string KeyId, long Fields)>> CountAsync(CancellationToken cancellationToken)
    {
        var counts = new SortedDictionary<string, long>(StringComparer.Ordinal);
        if (CurrentId is { } current)
            counts[current] = 0;
        await database.ReadAsync(
            async session =>
            {
                foreach (var table in WrappedKeyTable.All)
                {
                    foreach (var (keyId, rows) in await table.CountAsync(session, cancellationToken))
                        counts[keyId] = counts.GetValueOrDefault(keyId) + rows;
                }

                return true;
            },
            cancellationToken);
        return [.. counts.Select(count => (count.Key, count.Value))];
    }

    /// <summary>Makes a new key, where the broker can, and wraps with it from now on.</summary>
    /// <returns>The ids of the two keys, and the file where the earlier one is kept.</returns>
    /// <exception cref="KeyNotRotatedException">Somebody else must; the message says who, and how.</exception>
    public async Task<(string KeyId, string Previous, string File)> RotateAsync()
    {
        if (keys.Current is not FileKeys files)
        {
            throw new KeyNotRotatedException(
                CurrentId?.StartsWith("kms:", StringComparison.Ordinal) != false
                    ? "the key is the KMS's to rotate: do it there; the broker notices the new key id within 10 s, and then "
                        + "'sidecarctl key rewrap' wraps what is stored with it"
                    : "the key is in a token, which may be backed up and shared, so the broker makes none there by itself: "
                        + "configure another key.pkcs11.keyLabel and the present one under key.previous, run "
                        + "'sidecar-broker init-key --config', start the broker again, and then 'sidecarctl key rewrap'");
        }

        var (previous, file) = await Task.Run(files.Rotate);
        return (files.KeyId, previous, file);
    }

    /// <inheritdoc cref="Rewrap.RunAsync"/>
    public Task<RewrapProgress?> RewrapAsync(
        int rate, Func<RewrapProgress, Task> report, CancellationToken cancellationToken) =>
        _rewrap.RunAsync(rate, report, cancellationToken);
}
