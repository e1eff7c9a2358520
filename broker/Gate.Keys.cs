using SidecarAgent.Broker.Audit;
using SidecarAgent.Broker.Crypto;
using SidecarAgent.Broker.Identity;

namespace SidecarAgent.Broker;

internal sealed partial class Gate
{
    /// <summary>Which keys have wrapped how many stored data keys.</summary>
    public async Task<IReadOnlyList<(string KeyId, long Fields)>> CountKeysAsync(
        Operator by, CancellationToken cancellationToken)
    {
        await AuditAsync([new AuditEntry(AuditAction.KeyStatus, Allowed: true) { Operator = by.Name }], cancellationToken);
        return await keys.CountAsync(cancellationToken);
    }

    /// <inheritdoc cref="KeyKeeping.RotateAsync"/>
    public async Task<(string KeyId, string Previous, string File)> RotateKeyAsync(
        Operator by, CancellationToken cancellationToken)
    {
        await AuditAsync(
            [new AuditEntry(AuditAction.KeyRotate, Allowed: true, $"in place of {keys.CurrentId}") { Operator = by.Name }],
            cancellationToken);
        return await keys.RotateAsync();
    }

    /// <summary>Wraps all that is stored with the current key.</summary>
    /// <returns>How far it got in the end; some data keys may not have been unwrapped.</returns>
    /// <exception cref="RequestFailedException">Another rewrap is running.</exception>
    public async Task<RewrapProgress> RewrapAsync(
        Operator by, int rate, Func<RewrapProgress, Task> report, CancellationToken cancellationToken)
    {
        await AuditAsync(
            [new AuditEntry(AuditAction.KeyRewrap, Allowed: true, $"with {keys.CurrentId}, begun") { Operator = by.Name }],
            cancellationToken);
        var end = await keys.RewrapAsync(rate, report, cancellationToken)
            ?? throw new RequestFailedException(ErrorReason.RewrapRunning, "another rewrap is running; it is as good as this one");
        await AuditAsync(
            [
                new AuditEntry(AuditAction.KeyRewrap, Allowed: true, $"with {end.KeyId}, ended: {end.Done} wrapped, {end.Failed} could not be")
                {
                    Operator = by.Name,
                },
            ],
            cancellationToken);
        return end;
    }
}
