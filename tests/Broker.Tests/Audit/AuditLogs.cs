using SidecarAgent.Broker.Configuration;

namespace SidecarAgent.Broker.Tests.Audit;

internal static class AuditLogs
{
    /// <summary>A log as it is configured by default, unless something else is said.</summary>
    public static AuditOptions At(string file, long maxBytes = AuditOptions.DefaultMegabytes * AuditOptions.Megabyte, string? keyFile = null) =>
        new(file, maxBytes, keyFile is null ? null : new CheckpointOptions(keyFile, TimeSpan.FromMinutes(10)));
}
