using SidecarAgent.Broker.Detection;
using SidecarAgent.Broker.Leases;

namespace SidecarAgent.Broker;

internal sealed partial class Gate
{
    /// <summary>
    /// A canary was asked for whose reader is to be cut off: that is done before anything is answered, so that not even
    /// what was asked for together with it leaves. The holder is told what everybody is told who is cut off.
    /// </summary>
    private async Task CutOffCallerAsync(Sightings sightings, CancellationToken cancellationToken)
    {
        await AuditAsync(sightings.Entries, cancellationToken);
        var workload = sightings.Workload;
        var cutOff = new CutOff(NewId(), CutOffKind.Workload, workload.Name, "", clock.GetUtcNow(), CanaryName);
        // One lift is to be enough, also where several of its pods ask at once.
        var (_, recorded) = await CutAsync(by: null, cutOff, once: true);
        // Not waited for until they are told: one of them may be the watch that has asked.
        watchers.WakeCovered(cutOff);
        await recorded;
    }

    /// <summary>Who has made the cut-off, where operators list them.</summary>
    private const string CanaryName = "broker:canary";
}
