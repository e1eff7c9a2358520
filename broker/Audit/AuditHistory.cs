using System.Text;
using System.Text.Json;
using SidecarAgent.Broker.Configuration;
using SidecarAgent.Broker.Secrets;

namespace SidecarAgent.Broker.Audit;

/// <summary>Reads what the log says about one secret, in all its files.</summary>
internal sealed class AuditHistory(AuditOptions options)
{
    /// <summary>Of one secret or version. Of more, the newest are kept.</summary>
    public const int MaxRecords = 10_000;

    /// <summary>What happened to a secret, oldest first.</summary>
    /// <param name="path">Which secret.</param>
    /// <param name="version">Which version of it; what names no version but a lease on this one belongs to it, too.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The entries, and whether there were more.</returns>
    /// <exception cref="AuditUnavailableException">A file of the log cannot be read.</exception>
    public (IReadOnlyList<AuditRecord> Records, bool Truncated) Of(
        SecretPath path, ulong version, CancellationToken cancellationToken)
    {
        var records = new Queue<AuditRecord>();
        var leases = new HashSet<string>(StringComparer.Ordinal);
        var truncated = false;
        foreach (var record in OfPath(path, cancellationToken))
        {
            if (record.Version == version && record.LeaseId is { } lease)
                leases.Add(lease);
            if (record.Version != version && (record.Version != 0 || record.LeaseId is null || !leases.Contains(record.LeaseId)))
                continue;
            records.Enqueue(record);
            if (records.Count <= MaxRecords)
                continue;
            records.Dequeue();
            truncated = true;
        }

        return ([.. records], truncated);
    }

    private IEnumerable<AuditRecord> OfPath(SecretPath path, CancellationToken cancellationToken)
    {
        // A path needs no escapes in JSON, so lines about others are passed over without being parsed.
        var mark = Encoding.UTF8.GetBytes($"\"path\":\"{path}\"");
        // Opened before the others are listed: should it be set aside meanwhile, it is read twice and not missed.
        using var current = Open(options.File);
        var last = 0L;
        foreach (var file in AuditSegments.Full(options.File).Append(options.File))
        {
            using var full = file == options.File ? null : Open(file);
            var reader = full ?? current;
            while (reader.TryRead(out var line))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (line.Span.IndexOf(mark) < 0)
                    continue;
                var record = Read(file, line);
                if (record.Sequence <= last)
                    continue;
                last = record.Sequence;
                yield return record;
            }

            if (reader.IsTooLong)
                throw NoEntry(file, cause: null);
        }
    }

    private static AuditLineReader Open(string file)
    {
        try
        {
            return new AuditLineReader(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AuditUnavailableException($"the audit log {file} cannot be read: {e.Message}", e);
        }
    }

    private static AuditRecord Read(string file, ReadOnlyMemory<byte> line)
    {
        try
        {
            return AuditRecord.Read(line);
        }
        catch (JsonException e)
        {
            throw NoEntry(file, e);
        }
    }

    private static AuditUnavailableException NoEntry(string file, Exception? cause) =>
        new($"the audit log {file} holds a line that is no entry; look at it with 'sidecarctl audit verify'", cause);
}
