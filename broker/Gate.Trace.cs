using SidecarAgent.Broker.Audit;
using SidecarAgent.Broker.Identity;
using SidecarAgent.Broker.Secrets;

namespace SidecarAgent.Broker;

internal sealed partial class Gate
{
    /// <summary>The chain of trust of a version: who made it, under which keys, and all that the audit log says of it.</summary>
    /// <param name="by">Who asks.</param>
    /// <param name="path">Of which secret.</param>
    /// <param name="number">Which version; 0: the active one.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="RequestFailedException">There is no such version, and the log knows none either.</exception>
    /// <exception cref="AuditUnavailableException">The log cannot be read.</exception>
    public async Task<VersionHistory> TraceAsync(
        Operator by, SecretPath path, ulong number, CancellationToken cancellationToken)
    {
        var head = await engine.FindHeadAsync(path, cancellationToken);
        if (number == 0 && head is not { ActiveVersion: > 0 })
            throw new RequestFailedException(ErrorReason.VersionNotFound, $"no version of {path} is active; name one, as {path}@1", path);
        var version = number == 0 ? head!.ActiveVersion : number;
        await AuditAsync([Entry(by, AuditAction.Trace, path) with { Version = version }], cancellationToken);

        var stored = await engine.FindVersionAsync(path, version, cancellationToken) is { DestroyedAt: null } kept ? kept : null;
        // A log of gigabytes takes its seconds; they are not this thread's.
        var (records, truncated) = await Task.Run(() => history.Of(path, version, cancellationToken), cancellationToken);
        if (stored is null && records.All(record => record.Action == "trace"))
            throw new RequestFailedException(ErrorReason.VersionNotFound, $"{path} has no version {version}, and the audit log knows none", path);
        var activeSince = head?.ActiveVersion == version ? head.ActivatedAt : null;
        return new VersionHistory(version, activeSince, stored, records, truncated);
    }
}
