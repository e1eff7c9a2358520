using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace SidecarAgent.Broker.Crypto;

/// <summary>
/// Data keys in the clear, by what they were unwrapped from: at most <see cref="Capacity"/> of 32 bytes, in one pinned
/// block, so that the collector copies none of them. What leaves is overwritten first. A key is copied out under the
/// lock, so that none is overwritten while it is read.
/// </summary>
internal sealed class DataKeyCache : IDisposable
{
    public const int Capacity = 16 * 1024;
    public const int KeySize = 32;

    private readonly Lock _lock = new();
    private readonly byte[] _keys = GC.AllocateUninitializedArray<byte>(Capacity * KeySize, pinned: true);
    private readonly Slot[] _slots = new Slot[Capacity];
    private readonly Dictionary<Name, int> _byName = [];
    private int _used;
    private int _hand;

    public int Count
    {
        get
        {
            lock (_lock)
                return _byName.Count;
        }
    }

    /// <param name="name">Of the wrapped key.</param>
    /// <param name="confirmedSince">A key that was added before is not found.</param>
    /// <param name="key">Receives the key.</param>
    public bool TryGet(Name name, DateTimeOffset confirmedSince, Span<byte> key)
    {
        lock (_lock)
        {
            if (!_byName.TryGetValue(name, out var at) || _slots[at].Confirmed < confirmedSince)
                return false;
            _slots[at].Touched = true;
            Key(at).CopyTo(key);
            return true;
        }
    }

    /// <summary>Adds a key, or confirms one. A full cache forgets one that has not been asked for lately.</summary>
    public void Add(Name name, ReadOnlySpan<byte> key, DateTimeOffset now)
    {
        lock (_lock)
        {
            if (!_byName.TryGetValue(name, out var at))
            {
                at = TakeSlot_NeedsLock();
                _byName.Add(name, at);
            }

            key.CopyTo(Key(at));
            _slots[at] = new Slot(name, now, Touched: false, Taken: true);
        }
    }

    /// <summary>Forgets the keys that were added before a moment.</summary>
    public void RemoveConfirmedBefore(DateTimeOffset moment)
    {
        lock (_lock)
        {
            for (var at = 0; at < _used; at++)
            {
                if (_slots[at].Taken && _slots[at].Confirmed < moment)
                    Free_NeedsLock(at);
            }
        }
    }

    public void Remove(Name name)
    {
        lock (_lock)
        {
            if (_byName.TryGetValue(name, out var at))
                Free_NeedsLock(at);
        }
    }

    public void Dispose() => RemoveConfirmedBefore(DateTimeOffset.MaxValue);

    private Span<byte> Key(int at) => _keys.AsSpan(at * KeySize, KeySize);

    /// <summary>A free slot; of a full cache, the first that was not touched since the hand came by last.</summary>
    private int TakeSlot_NeedsLock()
    {
        if (_used < Capacity)
            return _used++;
        while (true)
        {
            var at = _hand;
            _hand = (_hand + 1) % Capacity;
            if (!_slots[at].Taken)
                return at;
            if (!_slots[at].Touched)
            {
                Free_NeedsLock(at);
                return at;
            }

            _slots[at].Touched = false;
        }
    }

    private void Free_NeedsLock(int at)
    {
        CryptographicOperations.ZeroMemory(Key(at));
        _byName.Remove(_slots[at].Name);
        _slots[at] = default;
    }

    private record struct Slot(Name Name, DateTimeOffset Confirmed, bool Touched, bool Taken);

    /// <summary>SHA-256 of a wrapped key and the id of what wrapped it.</summary>
    public readonly record struct Name(UInt128 Left, UInt128 Right)
    {
        public static Name Of(WrappedKey wrapped)
        {
            Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
            var idSize = Encoding.UTF8.GetByteCount(wrapped.KeyId);
            Span<byte> input = idSize + wrapped.Bytes.Length <= 1024
                ? stackalloc byte[idSize + wrapped.Bytes.Length]
                : new byte[idSize + wrapped.Bytes.Length];
            Encoding.UTF8.GetBytes(wrapped.KeyId, input);
            wrapped.Bytes.CopyTo(input[idSize..]);
            SHA256.HashData(input, hash);
            return MemoryMarshal.Read<Name>(hash);
        }
    }
}
