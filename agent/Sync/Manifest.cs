using System.Buffers;
using System.Text.Json;
using SidecarAgent.Agent.Leases;
using SidecarAgent.Agent.Templates.Documents;

namespace SidecarAgent.Agent.Sync;

/// <summary>
/// Stands with each generation and says what it was made of, so that an agent that starts again goes on with the same leases
/// and fetches nothing that it has. Holds no value and nothing derived from one.
/// </summary>
internal sealed record Manifest
{
    /// <summary><see cref="FilePlan.Fingerprint"/> of the configuration it was made for.</summary>
    public required string Fingerprint { get; init; }

    public required IReadOnlyList<ManifestSecret> Secrets { get; init; }

    /// <summary>
    /// Whoever is to be told of these files was told. If not, an agent that starts again tells them: the one that wrote the
    /// files was killed before it came to that.
    /// </summary>
    public bool Told { get; init; } = true;

    /// <summary>What will be held when everything that has arrived is on disk.</summary>
    public static Manifest Next(string fingerprint, SecretLedger ledger, LeaseBook leases, bool told)
    {
        var arrived = ledger.Arrived.Select(received => ManifestSecret.Of(received.Lease, received.Data.Version));
        var held = ledger.All
            .Where(state => state.Standing is SecretStanding.Held && !ledger.HasArrived(state.Path))
            .Select(state => leases.Find(state.Path) is { } lease ? ManifestSecret.Of(lease, state.Version) : null)
            .OfType<ManifestSecret>();
        return new Manifest
        {
            Fingerprint = fingerprint,
            Told = told,
            Secrets = [.. arrived.Concat(held).OrderBy(secret => secret.Path, StringComparer.Ordinal)],
        };
    }

    /// <summary>The same, with the leases as they live now.</summary>
    public Manifest With(LeaseBook leases) => this with
    {
        Secrets =
        [
            .. Secrets.Select(secret => leases.Find(secret.Path) is { } lease && lease.Id == secret.Lease
                ? ManifestSecret.Of(lease, secret.Version)
                : secret),
        ],
    };

    public bool SaysAs(Manifest other) => Fingerprint == other.Fingerprint && Told == other.Told && Secrets.SequenceEqual(other.Secrets);

    public byte[] ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("fingerprint", Fingerprint);
            json.WriteBoolean("told", Told);
            json.WriteStartArray("secrets");
            foreach (var secret in Secrets)
                secret.Write(json);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <returns>Null if this is not a manifest: the secrets are then asked for as if there were nothing.</returns>
    public static Manifest? Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            var fields = JsonFields.Parse(json);
            return new Manifest
            {
                Fingerprint = fields.Text("fingerprint"),
                Told = !fields.Has("told") || fields.Flag("told"),
                Secrets = [.. fields.Objects("secrets").Select(ManifestSecret.Read)],
            };
        }
        catch (FormatException)
        {
            return null;
        }
    }
}

/// <param name="Path">The secret.</param>
/// <param name="Version">On disk.</param>
/// <param name="Lease">Its id.</param>
/// <param name="ReceivedAt">By the agent's clock, as the next two.</param>
/// <param name="ExpiresAt">As last renewed; see <see cref="LeaseNotes"/>.</param>
/// <param name="MaxExpiresAt">Null: no limit.</param>
internal sealed record ManifestSecret(
    string Path, ulong Version, string Lease, DateTimeOffset ReceivedAt, DateTimeOffset ExpiresAt, DateTimeOffset? MaxExpiresAt)
{
    public static ManifestSecret Of(HeldLease lease, ulong version) =>
        new(lease.Path, version, lease.Id, lease.ReceivedAt, lease.ExpiresAt, lease.MaxExpiresAt);

    public HeldLease ToLease(double jitter) => new(Path, Lease, ReceivedAt, ExpiresAt, MaxExpiresAt, jitter);

    /// <exception cref="FormatException">A field is missing or of the wrong kind.</exception>
    public static ManifestSecret Read(JsonFields fields) => new(
        fields.Text("path"),
        fields.Integer("version") is >= 0 and var version ? (ulong)version : throw new FormatException("version is negative"),
        fields.Text("lease"),
        fields.Time("receivedAt"),
        fields.Time("expiresAt"),
        fields.Has("maxExpiresAt") ? fields.Time("maxExpiresAt") : null);

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("path", Path);
        json.WriteNumber("version", Version);
        json.WriteString("lease", Lease);
        json.WriteString("receivedAt", ReceivedAt);
        json.WriteString("expiresAt", ExpiresAt);
        if (MaxExpiresAt is { } end)
            json.WriteString("maxExpiresAt", end);
        json.WriteEndObject();
    }
}
