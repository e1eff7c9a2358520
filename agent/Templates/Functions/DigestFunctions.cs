using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using SidecarAgent.Agent.Templates.Formatting;
using SidecarAgent.Agent.Templates.Values;

namespace SidecarAgent.Agent.Templates.Functions;

/// <summary>Digests that consul-template and sprig have. Some protect nothing any more, and formats ask for them still.</summary>
internal static class DigestFunctions
{
    private const int AdlerModulus = 65_521;

    public static readonly Function[] All =
    [
        new("hmacSHA256Hex", 2, 2, call => Hex(HMACSHA256.HashData(call.Bytes(1), call.Bytes(0)))),
        new("md5sum", 1, 1, call => Hex(Md5(call.Bytes(0)))),
        new("sha1sum", 1, 1, call => Hex(Sha1(call.Bytes(0)))),
        new("sha256Hex", 1, 1, call => Hex(SHA256.HashData(call.Bytes(0)))),
        new("sha256sum", 1, 1, call => Hex(SHA256.HashData(call.Bytes(0)))),
        new("sha512sum", 1, 1, call => Hex(SHA512.HashData(call.Bytes(0)))),
        new("adler32sum", 1, 1, call => TextValue.Of(NumberText.Of(Adler32(call.Bytes(0))))),
    ];

    private static TextValue Hex(byte[] digest) => TextValue.Of(Convert.ToHexStringLower(digest));

    [SuppressMessage("Security", "CA5351", Justification = "The format of the file decides, not we: PostgreSQL's md5 passwords.")]
    private static byte[] Md5(ReadOnlySpan<byte> bytes) => MD5.HashData(bytes);

    [SuppressMessage("Security", "CA5350", Justification = "The format of the file decides, not we.")]
    private static byte[] Sha1(ReadOnlySpan<byte> bytes) => SHA1.HashData(bytes);

    /// <summary>RFC 1950, section 9.</summary>
    private static long Adler32(ReadOnlySpan<byte> bytes)
    {
        var (low, high) = (1u, 0u);
        foreach (var value in bytes)
        {
            low = (low + value) % AdlerModulus;
            high = (high + low) % AdlerModulus;
        }

        return ((long)high << 16) | low;
    }
}
