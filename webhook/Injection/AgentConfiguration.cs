using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace SidecarAgent.Webhook.Injection;

/// <summary>Writes the agent's configuration, as docs of the agent describe it, for the variable SIDECAR_AGENT_CONFIG.</summary>
internal static class AgentConfiguration
{
    public const string Variable = "SIDECAR_AGENT_CONFIG";

    /// <summary>
    /// Linux gives one variable at most 128 KiB (MAX_ARG_STRLEN) and starts no process with a longer one; a little room is
    /// left for the name.
    /// </summary>
    public const int MaxBytes = (128 * 1024) - 64;

    // Templates are full of quotes: people who look at the pod should be able to read them.
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Write(InjectionRequest request, BrokerSettings broker, string mountPath, int port)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Readable))
        {
            json.WriteStartObject();
            WriteBroker(json, request.Broker ?? broker.Address, broker.CaPem);
            json.WriteStartObject("identity");
            json.WriteString("tokenFile", AgentContainer.TokenFile);
            json.WriteEndObject();
            json.WriteString("mountPath", mountPath);
            json.WriteString("onRevoke", request.KeepOnRevoke ? "keep" : "delete");
            json.WriteString("logLevel", request.LogLevel);
            json.WriteString("listen", $"0.0.0.0:{port}");
            json.WriteStartArray("files");
            foreach (var file in request.Files)
                WriteFile(json, file);
            json.WriteEndArray();
            WriteOptional(json, "notify", request.Notify?.Text);
            json.WriteEndObject();
        }

        // Kubernetes replaces $(NAME) and halves $$ in the values of variables. No '$' is left for it to see.
        return Encoding.UTF8.GetString(buffer.WrittenSpan).Replace("$", "\\u0024", StringComparison.Ordinal);
    }

    private static void WriteBroker(Utf8JsonWriter json, string address, string? caPem)
    {
        json.WriteStartObject("broker");
        json.WriteString("address", address);
        WriteOptional(json, "caPem", caPem);
        json.WriteEndObject();
    }

    private static void WriteFile(Utf8JsonWriter json, RequestedFile file)
    {
        json.WriteStartObject();
        json.WriteString("file", file.File);
        WriteOptional(json, "secret", file.Secret);
        WriteOptional(json, "field", file.Field);
        WriteOptional(json, "format", file.Format);
        WriteOptional(json, "template", file.Template);
        WriteOptional(json, "leftDelimiter", file.Delimiters?.Left);
        WriteOptional(json, "rightDelimiter", file.Delimiters?.Right);
        WriteOptional(json, "missingKey", file.ErrorOnMissingKey ? "error" : null);
        json.WriteString("mode", file.ModeText);
        WriteOptional(json, "notify", file.Notify?.Text);
        json.WriteEndObject();
    }

    private static void WriteOptional(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
            json.WriteString(name, value);
    }
}
