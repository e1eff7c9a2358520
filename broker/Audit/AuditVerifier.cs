namespace SidecarAgent.Broker.Audit;

/// <summary>Proves an audit log's chain, offline, line by line. docs/audit.md says what that proves, and what not.</summary>
internal sealed class AuditVerifier
{
    private readonly IReadOnlyList<AuditPublicKey> _keys;
    private AuditHead? _head;
    private long _entries;
    private long _checkpoints;
    private long _signedUpTo;

    private AuditVerifier(IReadOnlyList<AuditPublicKey> keys, AuditHead? before) => (_keys, _head) = (keys, before);

    /// <summary>Proves a log that is one file, from its first entry.</summary>
    /// <inheritdoc cref="Verify(IReadOnlyList{string}, IReadOnlyList{AuditPublicKey}, string?)"/>
    public static AuditVerification Verify(string file) => Verify([file], [], after: null);

    /// <param name="files">The files of one log, without a gap, in any order; at least one.</param>
    /// <param name="keys">Any of which may have signed a checkpoint; none: signatures are counted and not checked.</param>
    /// <param name="after">
    /// The hash of the entry that the first line follows, when the files before were archived; null: the log begins here.
    /// </param>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">A file may not be read.</exception>
    public static AuditVerification Verify(
        IReadOnlyList<string> files, IReadOnlyList<AuditPublicKey> keys, string? after)
    {
        var inOrder = files.OrderBy(FirstSequence).ToList();
        var before = after is null ? AuditHead.None : new AuditHead(FirstSequence(inOrder[0]) - 1, after);
        var verifier = new AuditVerifier(keys, before);
        var unfinished = 0L;
        foreach (var file in inOrder)
        {
            if (unfinished > 0)
                return new AuditVerification.Broken(file, 1, "the file before it ends in the middle of an entry");
            if (verifier.Follow(file, out unfinished) is { } broken)
                return broken;
        }

        return new AuditVerification.Intact(
            verifier._entries, verifier._head!.Value, unfinished, verifier._checkpoints, verifier._signedUpTo);
    }

    /// <summary>Where a file belongs among the others. What is no entry is put first, and found to be none.</summary>
    private static long FirstSequence(string file)
    {
        using var reader = new AuditLineReader(file);
        if (!reader.TryRead(out var line))
            return long.MaxValue; // Empty: the newest, just begun.
        return AuditLineCheck.Problem(line, before: null, out var head) is null ? head.Sequence : 0;
    }

    private AuditVerification.Broken? Follow(string file, out long unfinished)
    {
        using var reader = new AuditLineReader(file);
        unfinished = 0;
        var number = 0L;
        while (reader.TryRead(out var line))
        {
            number++;
            if (AuditLineCheck.Problem(line, _head, out var next) is { } problem)
                return new AuditVerification.Broken(file, number, problem);
            if (AuditLineCheck.Checkpoint(line) is { } checkpoint && Refuse(checkpoint) is { } refusal)
                return new AuditVerification.Broken(file, number, refusal);
            _head = next;
            _entries++;
        }

        unfinished = reader.UnfinishedBytes;
        return reader.IsTooLong
            ? new AuditVerification.Broken(file, number + 1, $"it is longer than {AuditLine.MaxLength} bytes, as no entry is")
            : null;
    }

    private string? Refuse(AuditLineCheck.Signature checkpoint)
    {
        _checkpoints++;
        if (_keys.Count == 0)
            return null;
        if (_keys.FirstOrDefault(key => key.Id == checkpoint.Key) is not { } key)
            return $"it is signed by the key {checkpoint.Key}, which is none of those that were given";
        var signed = _head!.Value;
        if (!key.Verifies(signed, checkpoint.Value))
            return "its signature does not fit the entries before it";
        _signedUpTo = signed.Sequence;
        return null;
    }
}
