using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using SidecarAgent.V1;
using Field = SidecarAgent.V1.Field;

namespace SidecarAgent.Agent.Tests.FakeBroker;

/// <summary>The versions and leases of a fake broker. Not safe for threads: the broker locks.</summary>
internal sealed class FakeSecrets
{
    private readonly SortedDictionary<string, FakeSecret> _byPath = new(StringComparer.Ordinal);
    private readonly HashSet<string> _liveLeases = new(StringComparer.Ordinal);
    private readonly HashSet<string> _given = new(StringComparer.Ordinal);
    private int _lastLease;

    public TimeSpan Ttl { get; set; } = TimeSpan.FromHours(1);

    public TimeSpan? MaxTtl { get; set; }

    public void Put(string path, (string Name, string Value)[] fields)
    {
        var version = (_byPath.GetValueOrDefault(path)?.Version ?? 0) + 1;
        _byPath[path] = new FakeSecret(path, version, fields, NewLease(), Timestamp.FromDateTimeOffset(TimeProvider.System.GetUtcNow()));
    }

    public void Remove(string path)
    {
        if (_byPath.Remove(path, out var secret))
            _liveLeases.Remove(secret.Lease);
    }

    public void EndLease(string lease) => _liveLeases.Remove(lease);

    public SecretUpdate Answer(SecretRequest request)
    {
        if (!_byPath.TryGetValue(request.Path, out var secret))
        {
            return new SecretUpdate
            {
                Path = request.Path,
                Denied = new Denied { Reason = Denied.Types.Reason.NotFound, Message = "there is nothing at this path yet" },
            };
        }

        if (_liveLeases.Contains(request.LeaseId))
            _byPath[request.Path] = secret = secret with { Lease = request.LeaseId };
        else if (_given.Contains(secret.Lease))
            _byPath[request.Path] = secret = secret with { Lease = NewLease() };
        return request.LeaseId == secret.Lease && request.HeldVersion == secret.Version
            ? new SecretUpdate { Path = secret.Path, Confirmed = new Confirmed { Version = secret.Version, Lease = Lease(secret.Lease) } }
            : Issue(secret.Path);
    }

    public SecretUpdate Issue(string path)
    {
        var secret = _byPath[path];
        _given.Add(secret.Lease);
        return new SecretUpdate
        {
            Path = secret.Path,
            Issued = new Issued
            {
                Version = secret.Version,
                ActivatedAt = secret.ActivatedAt,
                Lease = Lease(secret.Lease),
                Fields = { secret.Fields.OrderBy(field => field.Name, StringComparer.Ordinal).Select(Field) },
            },
        };
    }

    public Renewal Renew(string lease) => _liveLeases.Contains(lease)
        ? new Renewal { LeaseId = lease, Lease = Lease(lease) }
        : new Renewal { LeaseId = lease, Ended = new Ended { Message = "it has expired" } };

    private static Field Field((string Name, string Value) field) =>
        new() { Name = field.Name, Value = ByteString.CopyFromUtf8(field.Value), Class = FieldClass.Secret };

    private Lease Lease(string id) => new()
    {
        Id = id,
        ExpiresIn = Duration.FromTimeSpan(Ttl),
        MaxExpiresIn = MaxTtl is { } max ? Duration.FromTimeSpan(max) : null,
    };

    private string NewLease()
    {
        var lease = $"lease-{++_lastLease}";
        _liveLeases.Add(lease);
        return lease;
    }

    private sealed record FakeSecret(
        string Path, ulong Version, (string Name, string Value)[] Fields, string Lease, Timestamp ActivatedAt);
}
