using System.Diagnostics.CodeAnalysis;

namespace SidecarAgent.Agent.Templates.Values;

/// <summary>A map that a template made or parsed; <c>set</c> and <c>unset</c> change it, as in sprig.</summary>
internal sealed class DictValue : MapValue
{
    private readonly SortedDictionary<string, Value> _entries = new(CodePointOrder.Instance);

    public override int Count => _entries.Count;

    public override string[] Keys => [.. _entries.Keys];

    public void Set(string key, Value value) => _entries[key] = value;

    public void Remove(string key) => _entries.Remove(key);

    public override bool TryGet(string key, [NotNullWhen(true)] out Value? value) => _entries.TryGetValue(key, out value);

    /// <summary>Compares by code points, which is the order of the UTF-8 bytes; UTF-16 units sort surrogates too low.</summary>
    private sealed class CodePointOrder : IComparer<string>
    {
        public static readonly CodePointOrder Instance = new();

        public int Compare(string? x, string? y)
        {
            var a = x.AsSpan();
            var b = y.AsSpan();
            var same = a.CommonPrefixLength(b);
            if (same == a.Length || same == b.Length)
                return a.Length.CompareTo(b.Length);
            // Surrogates (D800 to DFFF) stand for code points beyond all other units, E000 to FFFF included.
            return Rank(a[same]).CompareTo(Rank(b[same]));
        }

        private static int Rank(char unit) => char.IsSurrogate(unit) ? unit + 0x10000 : unit;
    }
}
