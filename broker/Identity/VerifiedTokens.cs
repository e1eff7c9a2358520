using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace SidecarAgent.Broker.Identity;

/// <summary>
/// Remembers callers whose tokens were verified, by the SHA-256 of the token. At most <see cref="HalfSize"/> twice: when
/// the young half is full it becomes the old one, and what was in the old one and not used since is forgotten.
/// </summary>
internal sealed class VerifiedTokens
{
    private const int HalfSize = 8192;

    private readonly Lock _turning = new();
    private volatile ConcurrentDictionary<Digest, Known> _young = [];
    private volatile ConcurrentDictionary<Digest, Known> _old = [];

    /// <param name="token">As it was sent.</param>
    /// <param name="now">A token whose time is over is not found.</param>
    /// <param name="caller">Whom it proves.</param>
    /// <param name="issuer">Whose token it is.</param>
    public bool TryGet(
        ReadOnlySpan<char> token, DateTimeOffset now, [NotNullWhen(true)] out Caller? caller, [NotNullWhen(true)] out TrustedIssuer? issuer)
    {
        caller = null;
        issuer = null;
        var digest = Digest.Of(token);
        if (!_young.TryGetValue(digest, out var known))
        {
            if (!_old.TryGetValue(digest, out known))
                return false;
            Add(digest, known);
        }

        if (now >= known.Caller.TokenExpiresAt || !ReferenceEquals(known.Issuer.Keys.Current, known.Keys))
            return false;
        (caller, issuer) = (known.Caller, known.Issuer);
        return true;
    }

    /// <param name="token">As it was sent.</param>
    /// <param name="caller">Whom it proves.</param>
    /// <param name="proof">What proved it.</param>
    public void Add(string token, Caller caller, SignedToken proof) =>
        Add(Digest.Of(token), new Known(caller, proof.Issuer, proof.Keys));

    private void Add(Digest digest, Known known)
    {
        _young[digest] = known;
        if (_young.Count <= HalfSize)
            return;
        lock (_turning)
        {
            if (_young.Count > HalfSize)
                (_old, _young) = (_young, []);
        }
    }

    private sealed record Known(Caller Caller, TrustedIssuer Issuer, KeySet Keys);

    private readonly record struct Digest(UInt128 Left, UInt128 Right)
    {
        public static Digest Of(ReadOnlySpan<char> token)
        {
            Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
            SHA256.HashData(MemoryMarshal.AsBytes(token), hash);
            return MemoryMarshal.Read<Digest>(hash);
        }
    }
}
