using System.Security.Cryptography;

namespace SidecarAgent.Agent.Rendering;

/// <summary>
/// One version of a secret as it was received: field names and their bytes. The bytes are pinned, so that the collector
/// leaves no copies, and are zeroed by <see cref="Dispose"/>.
/// </summary>
internal sealed class SecretData : IDisposable
{
    private readonly SortedDictionary<string, byte[]> _fields = new(StringComparer.Ordinal);

    public SecretData(string path, ulong version, IEnumerable<KeyValuePair<string, ReadOnlyMemory<byte>>> fields)
    {
        Path = path;
        Version = version;
        foreach (var (name, value) in fields)
        {
            var copy = GC.AllocateUninitializedArray<byte>(value.Length, pinned: true);
            value.Span.CopyTo(copy);
            _fields.Add(name, copy);
        }
    }

    public string Path { get; }

    public ulong Version { get; }

    /// <summary>Sorted, ordinal.</summary>
    public IReadOnlyCollection<string> FieldNames => _fields.Keys;

    public bool TryGetField(string name, out ReadOnlyMemory<byte> value)
    {
        var found = _fields.TryGetValue(name, out var bytes);
        value = bytes;
        return found;
    }

    public void Dispose()
    {
        foreach (var value in _fields.Values)
            CryptographicOperations.ZeroMemory(value);
    }

    public override string ToString() => $"{Path}@{Version} ***";
}
