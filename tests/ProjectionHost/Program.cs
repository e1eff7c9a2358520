using System.Globalization;
using Mono.Unix.Native;
using SidecarAgent.Agent.Files;
using SidecarAgent.ProjectionHost;

// A process of its own for tests: one that writes numbered sets and can be lost, that runs as somebody else, or that shows
// what it makes of itself.
if (args is ["signal", var name])
    return SignalHost.Send(name);
if (args is ["harden"])
    return SignalHost.Harden();

using var mount = MountDirectory.Open(args[1], allowDisk: false);
uint? group = args[0] == "write-for-group" ? uint.Parse(args[2], CultureInfo.InvariantCulture) : null;
var projection = Projection.Open(mount, group, TimeProvider.System);
var number = (projection.Current?.Number ?? 0) + 1;
switch (args[0])
{
    // Runs so many steps of a swap, tells their names, and kills itself where there are more.
    case "kill-after":
        var next = Generation.Create(number, TimeProvider.System.GetUtcNow());
        var plan = new GenerationPlan(projection.Current, next, NumberedSet.Files(number), default, Syscall.getegid());
        var count = int.Parse(args[2], CultureInfo.InvariantCulture);
        foreach (var step in new GenerationSwap(mount, plan).Steps())
        {
            if (count-- == 0)
                _ = Syscall.kill(Syscall.getpid(), Signum.SIGKILL);
            step.Run();
            Console.WriteLine(step.Name);
        }

        return 0;

    // Writes one set after the other until it is killed, and tells the number of each.
    case "run":
        for (; ; number++)
        {
            projection.Write(NumberedSet.Files(number), default);
            Console.WriteLine(number);
        }

    // Writes one set for a group; tells why not.
    case "write-for-group":
        try
        {
            projection.Write(NumberedSet.Files(number), default);
            return 0;
        }
        catch (MountException error)
        {
            Console.WriteLine(error.Message);
            return 1;
        }

    default:
        return 2;
}
