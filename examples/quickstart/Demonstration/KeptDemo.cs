using SidecarAgent.Quickstart.Installation;

namespace SidecarAgent.Quickstart.Demonstration;

/// <summary>The pause of <c>make demo KEEP=1</c>: everything runs, and the reader gets commands to try.</summary>
internal sealed class KeptDemo(LocalInstallation installation, LocalPod pod, Story story, TimeProvider time)
{
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        var agent = pod.Run.Container("sidecar-agent");
        story.Step("Everything is left running until Ctrl-C; in another terminal, try");
        story.Say($"""
            export SIDECARCTL_BROKER=unix://{installation.Broker.AdminSocket} PATH={Path.GetDirectoryName(installation.Programs.Sidecarctl)}:$PATH
            sidecarctl rotate kv/shop/orders               # and look at this terminal
            sidecarctl holders kv/shop/orders
            sidecarctl secret show kv/shop/orders          # the password only with --reveal, which is audited
            sidecarctl policy explain --as shop/orders kv/shop/billing
            sidecarctl revoke --workload shop/orders --reason drill; sidecarctl cut-off list
            ls -la {agent.Mounts.ToHost("/secrets")}
            curl {pod.Agent}metrics {pod.Agent}readyz
            curl -X POST {pod.Application}-/reload
            kill -9 {agent.ProcessId}                      # the agent comes back, the files were never away
            tail {installation.Broker.AuditFile}
            """);
        await Task.Delay(Timeout.InfiniteTimeSpan, time, cancellationToken);
    }
}
