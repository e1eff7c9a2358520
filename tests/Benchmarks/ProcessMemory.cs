using System.Globalization;

namespace SidecarAgent.Benchmarks;

/// <summary>What a process costs in memory, in megabytes (10^6), as the kernel counts it (proc(5), smaps_rollup).</summary>
/// <param name="Resident">All pages in memory, shared program text included.</param>
/// <param name="Anonymous">Pages of its own that no other process shares: what one more pod really costs.</param>
internal sealed record ProcessMemory(double Resident, double Anonymous)
{
    public static ProcessMemory Of(int processId)
    {
        var lines = File.ReadAllLines($"/proc/{processId}/smaps_rollup");
        return new ProcessMemory(Megabytes(lines, "Rss:"), Megabytes(lines, "Anonymous:"));
    }

    private static double Megabytes(string[] lines, string name)
    {
        var line = lines.Single(line => line.StartsWith(name, StringComparison.Ordinal));
        var kilobytes = line[name.Length..].Replace("kB", "", StringComparison.Ordinal).Trim();
        return long.Parse(kilobytes, CultureInfo.InvariantCulture) * 1024 / 1e6;
    }
}
