namespace SidecarAgent.Broker.Audit;

/// <summary>What <see cref="AuditVerifier"/> found.</summary>
internal abstract record AuditVerification
{
    /// <summary>Every line follows from the one before.</summary>
    /// <param name="Entries">How many there are.</param>
    /// <param name="Head">The hash of the last one, in hex; an auditor who wrote it down earlier looks for it later.</param>
    /// <param name="UnfinishedBytes">Bytes after the last line's end: an entry that is being written, or a crash.</param>
    public sealed record Intact(long Entries, string Head, long UnfinishedBytes) : AuditVerification;

    /// <summary>The log was changed, or is none.</summary>
    /// <param name="Line">The first bad line, from 1.</param>
    /// <param name="Problem">What is wrong with it.</param>
    public sealed record Broken(long Line, string Problem) : AuditVerification;
}
