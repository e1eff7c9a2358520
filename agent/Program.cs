using System.Runtime.InteropServices;
using SidecarAgent.Agent;
using SidecarAgent.Agent.Commands;
using SidecarAgent.Agent.Connection;

Hardening.KeepMemoryPrivate();
BrokerTrust.IgnoreSystemBundle();

using var stopping = new CancellationTokenSource();
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
return await new CommandLine(TimeProvider.System, Console.OpenStandardOutput(), Console.Error).RunAsync(args, stopping.Token);

void Stop(PosixSignalContext context)
{
    context.Cancel = true;
    stopping.Cancel();
}
