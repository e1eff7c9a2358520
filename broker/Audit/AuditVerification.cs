namespace SidecarAgent.Broker.Audit;

/// <summary>What <see cref="AuditVerifier"/> found.</summary>
internal abstract record AuditVerification
{
    /// <summary>Every line follows from the one before.</summary>
    /// <param name="Entries">How many there are.</param>
    /// <param name="Last">The last one: its number, and its hash in hex. An auditor who wrote it down earlier looks for it later.</param>
    /// <param name="UnfinishedBytes">Bytes after the last line's end: an entry that is being written, or a crash.</param>
    /// <param name="Checkpoints">How many of the entries are signatures; checked only where keys were given.</param>
    /// <param name="SignedUpTo">The number of the last entry that one of the given keys has signed; 0: none.</param>
    public sealed record Intact(
        long Entries, AuditHead Last, long UnfinishedBytes, long Checkpoints = 0, long SignedUpTo = 0) : AuditVerification;

    /// <summary>The log was changed, or is none.</summary>
    /// <param name="File">Which of the files.</param>
    /// <param name="Line">Its first bad line, from 1.</param>
    /// <param name="Problem">What is wrong with it.</param>
    public sealed record Broken(string File, long Line, string Problem) : AuditVerification;
}
