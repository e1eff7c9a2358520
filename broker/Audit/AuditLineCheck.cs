using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace SidecarAgent.Broker.Audit;

/// <summary>Looks whether a line is whole and follows from the one before.</summary>
internal static class AuditLineCheck
{
    private const int HashLength = 64;

    // ,"hash":"<64 hex digits>"}
    private static readonly byte[] HashOpening = ",\"hash\":\""u8.ToArray();
    private static readonly byte[] HashClosing = "\"}"u8.ToArray();
    private static readonly int TailLength = HashOpening.Length + HashLength + HashClosing.Length;

    private static readonly byte[] CheckpointMark = ",\"action\":\"checkpoint\","u8.ToArray();

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 8 };

    /// <param name="line">Without its line feed.</param>
    /// <param name="before">The entry that it should follow; null: not known.</param>
    /// <param name="head">The entry that the next line should follow; only with no problem.</param>
    /// <returns>What is wrong, or null.</returns>
    public static string? Problem(ReadOnlyMemory<byte> line, AuditHead? before, out AuditHead head)
    {
        head = default;
        if (line.Length < TailLength)
            return "it is not an audit entry: too short";
        var tail = line.Span[^TailLength..];
        if (!tail.StartsWith(HashOpening) || !tail.EndsWith(HashClosing))
            return "it is not an audit entry: it does not end with its hash";
        var stated = Encoding.ASCII.GetString(tail.Slice(HashOpening.Length, HashLength));
        if (Convert.ToHexStringLower(SHA256.HashData(line.Span[..^TailLength])) != stated)
            return "its hash does not fit its content: the line was changed";
        if (!TryRead(line, out var sequence, out var previous))
            return "it is not an audit entry: no valid JSON object with 'seq' and 'prev'";

        head = new AuditHead(sequence, stated);
        if (before is not { } expected)
            return null;
        if (sequence != expected.Sequence + 1)
            return $"its number is {sequence}, expected {expected.Sequence + 1}: lines were removed, added or moved";
        return previous == expected.Hash
            ? null
            : "its 'prev' is not the hash of the line before: lines were removed, added or moved";
    }

    /// <param name="line">A good line, without its line feed.</param>
    /// <returns>The signature that it holds, if it is a checkpoint; null: it is another entry, or unsigned.</returns>
    public static Signature? Checkpoint(ReadOnlyMemory<byte> line)
    {
        // Nearly every line is something else, and is not read a second time.
        if (line.Span.IndexOf(CheckpointMark) < 0)
            return null;
        using var json = JsonDocument.Parse(line, Strict);
        try
        {
            return json.RootElement.TryGetProperty("action", out var action) && action.ValueEquals("checkpoint"u8)
                && json.RootElement.TryGetProperty("key", out var key) && key.ValueKind == JsonValueKind.String
                && json.RootElement.TryGetProperty("signature", out var value) && value.ValueKind == JsonValueKind.String
                ? new Signature(key.GetString()!, value.GetString()!)
                : null;
        }
        catch (InvalidOperationException)
        {
            return null; // A text that is no Unicode.
        }
    }

    private static bool TryRead(ReadOnlyMemory<byte> line, out long sequence, out string? previous)
    {
        sequence = 0;
        previous = null;
        try
        {
            using var json = JsonDocument.Parse(line, Strict);
            if (json.RootElement.ValueKind != JsonValueKind.Object
                || !json.RootElement.TryGetProperty("seq", out var seq)
                || seq.ValueKind != JsonValueKind.Number
                || !seq.TryGetInt64(out sequence)
                || !json.RootElement.TryGetProperty("prev", out var prev)
                || prev.ValueKind != JsonValueKind.String)
                return false;
            previous = prev.GetString();
            return true;
        }
        // InvalidOperationException: a text that is no Unicode.
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    /// <param name="Key">Which key.</param>
    /// <param name="Value">In base64.</param>
    internal readonly record struct Signature(string Key, string Value);
}
