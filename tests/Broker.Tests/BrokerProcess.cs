using System.Diagnostics;

namespace SidecarAgent.Broker.Tests;

/// <summary>The broker as a process of its own, from the tests' output directory.</summary>
internal static class BrokerProcess
{
    public static Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(BrokerServer).Assembly.Location, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return Process.Start(start)!;
    }
}
