using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using SidecarAgent.Webhook.Injection;
using SidecarAgent.Webhook.Patch;

namespace SidecarAgent.Webhook.Admission;

/// <summary>Writes the AdmissionReview that answers a request. Every answer carries the request's UID.</summary>
internal static class AdmissionReviewWriter
{
    private const int MaxWarnings = 10;
    private const int MostKept = 16 * 1024;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _patch;

    /// <summary>Within base64 nothing needs escapes that JSON itself does not need.</summary>
    private static readonly JsonWriterOptions Short = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Write(IBufferWriter<byte> output, AdmissionRequest request, Decision decision)
    {
        using var json = new Utf8JsonWriter(output);
        json.WriteStartObject();
        json.WriteString("apiVersion", AdmissionReviewDecoder.ApiVersion);
        json.WriteString("kind", AdmissionReviewDecoder.Kind);
        json.WriteStartObject("response");
        json.WriteString("uid", request.Uid);
        switch (decision)
        {
            case Decision.Inject inject:
                json.WriteBoolean("allowed", true);
                WritePatch(json, inject.Patch);
                WriteWarnings(json, inject.Warnings);
                break;
            case Decision.Skip:
                json.WriteBoolean("allowed", true);
                break;
            case Decision.Reject reject:
                json.WriteBoolean("allowed", false);
                WriteStatus(json, reject);
                break;
            default:
                throw new InvalidOperationException($"There is no answer for {decision.GetType().Name}.");
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WritePatch(Utf8JsonWriter json, IEnumerable<PatchOperation> operations)
    {
        // Used anew by the next review on this thread, unless an uncommon one has made it large.
        var patch = _patch ?? new ArrayBufferWriter<byte>(MostKept);
        _patch = null;
        using (var inner = new Utf8JsonWriter(patch, Short))
            PatchOperation.WriteAll(inner, operations);
        json.WriteString("patchType", "JSONPatch");
        json.WriteBase64String("patch", patch.WrittenSpan);
        if (patch.Capacity > MostKept)
            return;
        patch.ResetWrittenCount();
        _patch = patch;
    }

    private static void WriteWarnings(Utf8JsonWriter json, IReadOnlyList<string> warnings)
    {
        if (warnings.Count == 0)
            return;
        json.WriteStartArray("warnings");
        foreach (var warning in warnings.Take(MaxWarnings))
            json.WriteStringValue(warning);
        if (warnings.Count > MaxWarnings)
            json.WriteStringValue($"and {warnings.Count - MaxWarnings} more; sidecarctl inject shows all");
        json.WriteEndArray();
    }

    private static void WriteStatus(Utf8JsonWriter json, Decision.Reject reject)
    {
        json.WriteStartObject("status");
        json.WriteString("status", "Failure");
        json.WriteNumber("code", reject.Why.Status);
        json.WriteString("reason", reject.Why.StatusReason);
        json.WriteString("message", reject.Message);
        json.WriteEndObject();
    }
}
