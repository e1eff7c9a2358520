namespace SidecarAgent.Broker.Audit;

/// <summary>The end of a log that is to be continued.</summary>
/// <param name="Head">The last whole entry.</param>
/// <param name="Length">How many bytes of the file to keep.</param>
/// <param name="HalfWritten">How many bytes after them a crash left; they were never acknowledged to anybody.</param>
internal readonly record struct AuditTail(AuditHead Head, long Length, long HalfWritten)
{
    /// <summary>How much of the end is checked. All of it is the verifier's work, not that of every start.</summary>
    private const int Window = 1024 * 1024;

    /// <param name="file">Open for reading.</param>
    /// <param name="before">The last entry of the files that are there, which the file's first line follows unless there is a gap; null: not known.</param>
    /// <exception cref="AuditUnavailableException">The end is no chain of entries.</exception>
    public static AuditTail Read(FileStream file, AuditHead? before)
    {
        var start = Math.Max(0, file.Length - Window);
        var bytes = new byte[file.Length - start];
        file.Position = start;
        file.ReadExactly(bytes);

        var end = Array.LastIndexOf(bytes, (byte)'\n') + 1;
        if (end == 0 && start > 0)
            throw Refused(file.Name, "it ends in a line that is longer than any entry");

        // A window that begins inside the file begins inside a line, most likely.
        var begin = start == 0 ? 0 : Array.IndexOf(bytes, (byte)'\n') + 1;
        AuditHead? head = start == 0 && !HasGap(bytes, end, before) ? before : null;
        while (begin < end)
        {
            var length = Array.IndexOf(bytes, (byte)'\n', begin) - begin;
            if (AuditLineCheck.Problem(bytes.AsMemory(begin, length), head, out var next) is { } problem)
                throw Refused(file.Name, $"of the line at byte {start + begin}, {problem}");
            head = next;
            begin += length + 1;
        }

        return head is { } last
            ? new AuditTail(last, start + end, bytes.Length - end)
            : throw Refused(file.Name, "it ends in a line that is longer than any entry");
    }

    /// <summary>
    /// Full files may be archived, and somebody may have moved one that was being written: then the first line follows
    /// what is not here, and only the verifier can be told its hash.
    /// </summary>
    private static bool HasGap(byte[] bytes, int end, AuditHead? before)
    {
        var length = Array.IndexOf(bytes, (byte)'\n', 0, end);
        return length >= 0
            && AuditLineCheck.Problem(bytes.AsMemory(0, length), before: null, out var first) is null
            && first.Sequence > before?.Sequence + 1;
    }

    private static AuditUnavailableException Refused(string file, string problem) =>
        new($"the audit log {file} cannot be continued: {problem}. Look at it with 'sidecarctl audit verify {file}', "
            + "keep it as evidence under another name, and start again; a new log is then begun");
}
