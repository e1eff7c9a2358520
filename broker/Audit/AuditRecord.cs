using System.Globalization;
using System.Text.Json;
using SidecarAgent.Broker.Identity;

namespace SidecarAgent.Broker.Audit;

/// <summary>One entry, read back from the log.</summary>
/// <param name="Sequence">Its number.</param>
/// <param name="Time">When it was written.</param>
/// <param name="Action">As it stands in the log, in snake_case.</param>
/// <param name="Allowed">Whether it was allowed.</param>
internal sealed record AuditRecord(long Sequence, DateTimeOffset Time, string Action, bool Allowed)
{
    public string? Operator { get; init; }

    public Workload? Workload { get; init; }

    /// <summary>0: the entry names none.</summary>
    public ulong Version { get; init; }

    public string? LeaseId { get; init; }

    public string? Detail { get; init; }

    /// <param name="line">A line of the log, without its line feed.</param>
    /// <exception cref="JsonException">It is none.</exception>
    public static AuditRecord Read(ReadOnlyMemory<byte> line)
    {
        using var json = JsonDocument.Parse(line);
        var entry = json.RootElement;
        try
        {
            return new AuditRecord(
                entry.GetProperty("seq").GetInt64(),
                DateTimeOffset.Parse(entry.GetProperty("time").GetString()!, CultureInfo.InvariantCulture),
                entry.GetProperty("action").GetString()!,
                entry.GetProperty("allowed").GetBoolean())
            {
                Operator = Text(entry, "operator"),
                Workload = entry.TryGetProperty("workload", out var workload) ? ReadWorkload(workload) : null,
                Version = entry.TryGetProperty("version", out var version) ? version.GetUInt64() : 0,
                LeaseId = Text(entry, "lease"),
                Detail = Text(entry, "detail"),
            };
        }
        catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException or FormatException or ArgumentNullException)
        {
            throw new JsonException("It is not an audit entry.", e);
        }
    }

    private static Workload ReadWorkload(JsonElement workload) => new(
        Text(workload, "issuer") ?? "",
        Text(workload, "namespace") ?? "",
        Text(workload, "serviceAccount") ?? PathOf(Text(workload, "spiffeId")) ?? "",
        Text(workload, "pod"),
        Text(workload, "podUid"),
        Text(workload, "node"));

    /// <summary>A hashed one stands for itself.</summary>
    private static string? PathOf(string? spiffeId) =>
        spiffeId?.StartsWith(IdentifierHash.Prefix, StringComparison.Ordinal) == true ? spiffeId
        : spiffeId is not null && SpiffeId.TryParse(spiffeId, out _, out var path) ? path : null;

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var text) ? text.GetString() : null;
}
