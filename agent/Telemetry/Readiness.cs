using System.Buffers;
using System.Text.Json;
using SidecarAgent.Agent.Connection;
using SidecarAgent.Agent.Leases;
using SidecarAgent.Agent.Sync;
using SidecarAgent.Agent.Templates.Documents;

namespace SidecarAgent.Agent.Telemetry;

/// <summary>
/// The answer of <c>/readyz</c>: ready when every file is on disk and every lease is alive. An absent broker alone is no
/// problem as long as the leases live. Names, fixed words and times only: anybody in the cluster may read it.
/// </summary>
/// <param name="Ready">Nothing is wrong.</param>
/// <param name="Broker">Whether a watch is open, <c>connected</c> or <c>away</c>.</param>
/// <param name="BrokerSince">Since when.</param>
/// <param name="Generation">Number of the current one; 0: none yet.</param>
/// <param name="Problems">One sentence each; empty when ready.</param>
internal sealed record Readiness(
    bool Ready, string Broker, DateTimeOffset BrokerSince, long Generation, IReadOnlyList<string> Problems)
{
    public static Readiness Of(
        SyncStatus status, IReadOnlyCollection<HeldLease> leases, bool isConnected, DateTimeOffset since, DateTimeOffset now)
    {
        var problems = status.MissingFiles.Select(Missing)
            .Concat(status.Secrets.Where(secret => secret.Problem is not null).Select(Against))
            .Concat(leases.Where(lease => lease.HasEnded(now)).Select(lease => $"the lease of {lease.Path} ended at {lease.ExpiresAt:u}"))
            .ToList();
        return new Readiness(problems.Count == 0, isConnected ? "connected" : "away", since, status.Current?.Number ?? 0, problems);
    }

    public static Readiness Of(Func<SyncStatus> status, LeaseBook leases, BrokerLink link, TimeProvider time) =>
        Of(status(), leases.All(), link.IsUp, link.Since, time.GetUtcNow());

    public byte[] ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteBoolean("ready", Ready);
            json.WriteString("broker", Broker);
            json.WriteString("brokerSince", BrokerSince);
            json.WriteNumber("generation", Generation);
            json.WriteStartArray("problems");
            foreach (var problem in Problems)
                json.WriteStringValue(problem);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <exception cref="FormatException">Not the answer of an agent.</exception>
    public static Readiness Parse(ReadOnlySpan<byte> json)
    {
        var fields = JsonFields.Parse(json);
        return new Readiness(
            fields.Flag("ready"), fields.Text("broker"), fields.Time("brokerSince"), fields.Integer("generation"), [.. fields.Texts("problems")]);
    }

    private static string Missing(MissingFile missing) => missing switch
    {
        { Since: null } => $"file {missing.File} has disappeared from the mount",
        { Secrets.Count: 0 } => $"file {missing.File} waits for the other files (since {missing.Since:u})",
        _ => $"file {missing.File} waits for {string.Join(", ", missing.Secrets)} (since {missing.Since:u})",
    };

    private static string Against(SecretStatus secret) => secret.Problem!.Reason switch
    {
        "FAILED" when secret.Standing is SecretStanding.Held => $"{secret.Path}: the broker cannot serve it now (since {secret.Problem.Since:u})",
        var reason => $"{secret.Path}: {reason} (since {secret.Problem.Since:u})",
    };
}
