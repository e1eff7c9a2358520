namespace SidecarAgent.Broker.Configuration;

/// <summary><c>audit</c>: where the log is, how large one file of it grows, and who signs it.</summary>
/// <param name="File"><c>audit.file</c>: created if missing. Required.</param>
/// <param name="MaxBytes">
/// <c>audit.maxMegabytes</c>: a file that has reached this is set aside and a new one begun. Default 256 MiB.
/// </param>
/// <param name="Checkpoints"><c>audit.checkpoints</c>: null, the default: the log is chained and not signed.</param>
internal sealed record AuditOptions(string File, long MaxBytes, CheckpointOptions? Checkpoints)
{
    public const int DefaultMegabytes = 256;

    public const long Megabyte = 1024 * 1024;
}

/// <summary><c>audit.checkpoints</c>.</summary>
/// <param name="KeyFile"><c>keyFile</c>: the signing key, which <c>sidecar-broker init-audit-key</c> makes. Required.</param>
/// <param name="Every"><c>every</c>: how often, if anything was written since the last. From 1s to 24h, default 10m.</param>
internal sealed record CheckpointOptions(string KeyFile, TimeSpan Every);
