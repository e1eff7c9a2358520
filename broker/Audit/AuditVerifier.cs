namespace SidecarAgent.Broker.Audit;

/// <summary>Proves an audit log's chain, offline, line by line.</summary>
internal static class AuditVerifier
{
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static AuditVerification Verify(string file) => throw new NotImplementedException(file);
}
