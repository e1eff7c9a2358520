using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using SidecarAgent.Broker.Identity;

namespace SidecarAgent.Broker.Audit;

/// <summary>Writes one entry as one line: JSON that ends with the hash of all that stands before it.</summary>
internal static class AuditLine
{
    /// <summary>In bytes, with the line feed: more than the limits below can come to, however much is escaped.</summary>
    public const int MaxLength = 128 * 1024;

    /// <summary>In characters. What is longer is cut: a long entry is worth more than none.</summary>
    private const int MaxText = 1000;

    private const int MaxField = 64;
    private const int MaxFields = 128;

    private static readonly Dictionary<AuditAction, string> Actions =
        Enum.GetValues<AuditAction>().ToDictionary(
            action => action,
            action => JsonNamingPolicy.SnakeCaseLower.ConvertName(action.ToString()));

    /// <param name="output">Gets the line.</param>
    /// <param name="entry">What happened.</param>
    /// <param name="time">When.</param>
    /// <param name="before">The entry that it follows.</param>
    /// <param name="signer">Signs checkpoints; null: nothing is signed.</param>
    /// <param name="names">Hides identifiers; null: they are written as they are.</param>
    /// <returns>The entry that the next one follows.</returns>
    public static AuditHead Write(
        ArrayBufferWriter<byte> output, AuditEntry entry, DateTimeOffset time, AuditHead before, AuditSigner? signer,
        IdentifierHash? names = null)
    {
        var start = output.WrittenCount;
        var sequence = before.Sequence + 1;
        using (var json = new Utf8JsonWriter(output, new JsonWriterOptions { SkipValidation = true }))
        {
            json.WriteStartObject();
            json.WriteNumber("seq", sequence);
            json.WriteString("time", time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture));
            json.WriteString("action", Actions[entry.Action]);
            json.WriteBoolean("allowed", entry.Allowed);
            WriteContent(json, entry, names);
            if (entry.Action == AuditAction.Checkpoint && signer is not null)
            {
                json.WriteString("key", signer.KeyId);
                json.WriteString("signature", signer.Sign(before));
            }

            json.WriteString("prev", before.Hash);
        }

        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(output.WrittenSpan[start..], digest);
        var hash = Convert.ToHexStringLower(digest);
        output.Write(",\"hash\":\""u8);
        output.Advance(Encoding.ASCII.GetBytes(hash, output.GetSpan(hash.Length)));
        output.Write("\"}\n"u8);
        return new AuditHead(sequence, hash);
    }

    private static void WriteContent(Utf8JsonWriter json, AuditEntry entry, IdentifierHash? names)
    {
        WriteName(json, "operator", entry.Operator, names);
        if (entry.Workload is { } workload)
            WriteWorkload(json, workload, names);
        WriteText(json, "path", entry.Path);
        if (entry.Version is { } version)
            json.WriteNumber("version", version);
        if (entry.Fields is { } fields)
        {
            json.WriteStartArray("fields");
            foreach (var field in fields.Take(MaxFields))
                json.WriteStringValue(Fit(field, MaxField));
            json.WriteEndArray();
        }

        WriteText(json, "lease", entry.LeaseId);
        WriteText(json, "detail", names is null ? entry.Detail : names.Detail(entry));
    }

    private static void WriteWorkload(Utf8JsonWriter json, Workload workload, IdentifierHash? names)
    {
        json.WriteStartObject("workload");
        WriteText(json, "issuer", workload.Issuer);
        if (workload.Spiffe is { } spiffe)
        {
            WriteName(json, "spiffeId", spiffe, names);
        }
        else
        {
            WriteName(json, "namespace", workload.Namespace, names);
            WriteName(json, "serviceAccount", workload.ServiceAccount, names);
        }

        WriteName(json, "pod", workload.Pod, names);
        WriteName(json, "podUid", workload.PodUid, names);
        WriteName(json, "node", workload.Node, names);
        json.WriteEndObject();
    }

    private static void WriteName(Utf8JsonWriter json, string name, string? text, IdentifierHash? names) =>
        WriteText(json, name, names is null ? text : names.Of(name, text));

    private static void WriteText(Utf8JsonWriter json, string name, string? text)
    {
        if (text is not null)
            json.WriteString(name, Fit(text, MaxText));
    }

    private static string Fit(string text, int maxLength)
    {
        var kept = text.Length <= maxLength ? text : text[..maxLength];
        // The JSON writer throws at half a surrogate pair; nobody may stop the log with one.
        return kept.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF')
            ? Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(kept))
            : kept;
    }
}
