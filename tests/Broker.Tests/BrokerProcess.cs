using System.Diagnostics;
using System.Text.RegularExpressions;

namespace SidecarAgent.Broker.Tests;

/// <summary>The broker as a process of its own, from the tests' output directory.</summary>
internal static partial class BrokerProcess
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

    /// <summary>Reads what the process prints until it serves.</summary>
    /// <returns>Where it serves gRPC over TLS.</returns>
    public static async Task<Uri> ServingAsync(this Process process)
    {
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (Serving().Match(line) is { Success: true } match)
                return new Uri(match.Groups[1].Value);
        }

        throw new InvalidOperationException($"The broker did not start: {await process.StandardError.ReadToEndAsync()}");
    }

    public static async Task SignalAsync(this Process process, string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{process.Id}"]);
        await kill.WaitForExitAsync();
    }

    [GeneratedRegex("Serving gRPC on (https://[^,]+),")]
    private static partial Regex Serving();
}
