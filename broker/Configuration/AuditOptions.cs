namespace SidecarAgent.Broker.Configuration;

/// <summary><c>audit</c>: where the log is, how large one file of it grows, and who signs it.</summary>
/// <param name="File"><c>audit.file</c>: created if missing. Required.</param>
/// <param name="MaxBytes">
/// <c>audit.maxMegabytes</c>: a file that has reached this is set aside and a new one begun. Default 256 MiB.
/// </param>
/// <param name="Checkpoints"><c>audit.checkpoints</c>: null, the default: the log is chained and not signed.</param>
internal sealed record AuditOptions(string File, long MaxBytes, CheckpointOptions? Checkpoints)
{
    /// <summary><c>audit.hashIdentifiers</c>: null, the default: identifiers are written as they are.</summary>
    public AuditHashOptions? Hash { get; init; }

    public const int DefaultMegabytes = 256;

    public const long Megabyte = 1024 * 1024;
}

/// <summary><c>audit.checkpoints</c>.</summary>
/// <param name="KeyFile"><c>keyFile</c>: the signing key, which <c>sidecar-broker init-audit-key</c> makes. Required.</param>
/// <param name="Every"><c>every</c>: how often, if anything was written since the last. From 1s to 24h, default 10m.</param>
internal sealed record CheckpointOptions(string KeyFile, TimeSpan Every);

/// <summary><c>audit.hashIdentifiers</c>.</summary>
/// <param name="KeyFile"><c>keyFile</c>: 32 bytes or more, which nobody else can read. Required.</param>
/// <param name="Fields"><c>fields</c>: which members of an entry. At least one of <see cref="Audit.IdentifierHash.Fields"/>.</param>
internal sealed record AuditHashOptions(string KeyFile, IReadOnlySet<string> Fields);
