namespace SidecarAgent.Broker.Audit;

/// <summary>Proves an audit log's chain, offline, line by line. docs/audit.md says what that proves, and what not.</summary>
internal static class AuditVerifier
{
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static AuditVerification Verify(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        var buffer = new byte[2 * AuditLine.MaxLength];
        var head = AuditHead.None;
        var filled = 0;
        while (true)
        {
            var read = stream.Read(buffer, filled, buffer.Length - filled);
            filled += read;
            var begin = 0;
            while (buffer.AsSpan(begin, filled - begin).IndexOf((byte)'\n') is >= 0 and var length)
            {
                if (AuditLineCheck.Problem(buffer.AsMemory(begin, length), head, out var next) is { } problem)
                    return new AuditVerification.Broken(head.Sequence + 1, problem);
                head = next;
                begin += length + 1;
            }

            buffer.AsSpan(begin, filled - begin).CopyTo(buffer);
            filled -= begin;
            if (filled >= AuditLine.MaxLength)
                return new AuditVerification.Broken(
                    head.Sequence + 1, $"it is longer than {AuditLine.MaxLength} bytes, as no entry is");
            if (read == 0)
                return new AuditVerification.Intact(head.Sequence, head.Hash, filled);
        }
    }
}
