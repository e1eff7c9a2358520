using System.Security.Cryptography;
using SidecarAgent.Broker.Audit;
using SidecarAgent.Broker.Storage;

namespace SidecarAgent.Broker.Rotation;

internal sealed partial class RotationSteps
{
    private async Task FinishAsync(
        SecretRotation rotation, int leftBehind, bool revokesOutside, CancellationToken cancellationToken)
    {
        var reason = leftBehind == 0 ? null : $"{leftBehind} holders were still behind when their time was over";
        var ended = await EndAsync(
            rotation with { State = RotationState.Done, LeftBehind = leftBehind, Reason = reason },
            endOtherLeases: revokesOutside || rotation.Tainted, cancellationToken);
        if (!ended)
            return;
        metrics.Ended(leftBehind == 0 ? "done" : "done_behind");
        if (leftBehind > 0)
            LogLeftBehind(rotation.Path, leftBehind);
    }

    private async Task FailAsync(SecretRotation rotation, string reason, CancellationToken cancellationToken)
    {
        if (!await EndAsync(
            rotation with { State = RotationState.Failed, Reason = reason }, endOtherLeases: false, cancellationToken))
            return;
        metrics.Ended("failed");
        LogFailed(rotation.Path, reason);
    }

    private async Task<bool> EndAsync(SecretRotation rotation, bool endOtherLeases, CancellationToken cancellationToken)
    {
        await AuditAsync(
            AuditAction.EndRotation, rotation, rotation.ToVersion,
            rotation.State.ToString().ToLowerInvariant() + (rotation.Reason is null ? "" : $": {rotation.Reason}"),
            cancellationToken);
        var ended = rotation with { EndedAt = clock.GetUtcNow() };
        return await database.WriteAsync(
            async session =>
            {
                if (!await RotationTable.SaveAsync(session, ended, CancellationToken.None))
                    return false;
                if (endOtherLeases)
                    await LeaseTable.RemoveOthersAsync(session, ended.Path, ended.ToVersion, CancellationToken.None);
                if (ended.TaintedMeanwhile)
                    await BeginNextAsync(session, ended, CancellationToken.None);
                return true;
            },
            CancellationToken.None);
    }

    /// <summary>What was tainted while its rotation was under way is rotated again, in the same transaction.</summary>
    private static async Task BeginNextAsync(Session session, SecretRotation ended, CancellationToken cancellationToken)
    {
        var head = await SecretTable.HeadAsync(session, ended.Path, cancellationToken);
        await RotationTable.AddAsync(
            session,
            new SecretRotation
            {
                Id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8)),
                Path = ended.Path,
                State = RotationState.Preparing,
                Trigger = RotationTrigger.Taint,
                By = ended.By,
                FromVersion = head?.ActiveVersion ?? 0,
                Overlap = ended.Overlap,
                Tainted = true,
                StartedAt = ended.EndedAt!.Value,
            },
            cancellationToken);
    }

    private Task<bool> SaveAsync(SecretRotation rotation, CancellationToken cancellationToken) =>
        database.WriteAsync(s => RotationTable.SaveAsync(s, rotation, CancellationToken.None), cancellationToken);

    private async Task AuditAsync(
        AuditAction action, SecretRotation rotation, ulong? version, string? detail, CancellationToken cancellationToken)
    {
        var entry = new AuditEntry(action, Allowed: true, detail)
        {
            Operator = rotation.By.Length == 0 ? null : rotation.By,
            Path = rotation.Path.ToString(),
            Version = version,
        };
        await audit.AppendAsync(entry, cancellationToken);
    }

    [LoggerMessage(LogLevel.Warning, "The rotation of {Path} is held: {Reason}. 'sidecarctl rotation show {Path}' says who and why; when they are mended it goes on by itself.")]
    private partial void LogHeld(Secrets.SecretPath path, string reason);

    [LoggerMessage(LogLevel.Warning, "{Holders} holders of {Path} had not acknowledged its new version when their time was over.")]
    private partial void LogLeftBehind(Secrets.SecretPath path, int holders);

    [LoggerMessage(LogLevel.Error, "The rotation of {Path} has failed: {Reason}.")]
    private partial void LogFailed(Secrets.SecretPath path, string reason);

    [LoggerMessage(LogLevel.Warning, "A step in the rotation of {Path} has failed {Attempts} times: {Problem}. The next attempt is in {Delay}.")]
    private partial void LogRetry(Secrets.SecretPath path, int attempts, string problem, TimeSpan delay);
}
