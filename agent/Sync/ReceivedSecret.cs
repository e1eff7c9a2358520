using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Google.Protobuf;
using SidecarAgent.Agent.Leases;
using SidecarAgent.Agent.Rendering;
using SidecarAgent.V1;

namespace SidecarAgent.Agent.Sync;

/// <summary>A version that arrived and is not in the files yet.</summary>
internal sealed class ReceivedSecret : IDisposable
{
    private SecretData? _data;

    private ReceivedSecret(SecretData data, HeldLease lease, DateTimeOffset? activatedAt)
    {
        _data = data;
        Lease = lease;
        ActivatedAt = activatedAt;
    }

    public string Path => Lease.Path;

    public SecretData Data => _data ?? throw new ObjectDisposedException(nameof(ReceivedSecret));

    public HeldLease Lease { get; }

    /// <summary>By the broker's clock.</summary>
    public DateTimeOffset? ActivatedAt { get; }

    /// <summary>Copies the values where the collector does not move them, and zeroes the message's own.</summary>
    public static ReceivedSecret From(string path, Issued issued, DateTimeOffset now, double jitter)
    {
        var fields = issued.Fields.DistinctBy(field => field.Name).Select(field => KeyValuePair.Create(field.Name, field.Value.Memory));
        var data = new SecretData(path, issued.Version, fields);
        foreach (var field in issued.Fields)
            Zero(field.Value);
        return new ReceivedSecret(data, HeldLease.From(path, issued.Lease ?? new Lease(), now, jitter), issued.ActivatedAt?.ToDateTimeOffset());
    }

    /// <summary>Hands the values over; disposing this no longer zeroes them.</summary>
    public SecretData Release()
    {
        var data = Data;
        _data = null;
        return data;
    }

    public void Dispose() => _data?.Dispose();

    public override string ToString() => $"{Path} ***";

    private static void Zero(ByteString value)
    {
        if (MemoryMarshal.TryGetArray(value.Memory, out var bytes))
            CryptographicOperations.ZeroMemory(bytes);
    }
}
