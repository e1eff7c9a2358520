using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;

namespace SidecarAgent.Benchmarks;

/// <summary>
/// Fixed work that is measured beside a program, so that its cost can be told as a multiple that holds on other machines
/// and on busy ones: the framework's own reader going through the same bytes.
/// </summary>
internal static class ReferenceWork
{
    private const int WarmUps = 2_000;
    private const int Times = 20_000;

    /// <summary>How much <see cref="ToHash"/> hashes.</summary>
    public const int HashBytes = 16_000_000;

    /// <summary>How long that takes where the targets in milliseconds were set: ratios to it are the same targets.</summary>
    public const double HashMilliseconds = 10;

    private static readonly byte[] Zeros = new byte[HashBytes];

    /// <summary>Elapsed time to hash some megabytes once (SHA-256), to tell other times as multiples of it.</summary>
    public static TimeSpan ToHash()
    {
        var clock = Stopwatch.StartNew();
        SHA256.HashData(Zeros);
        return clock.Elapsed;
    }

    /// <summary>The same on every core at once, for what keeps all of them busy: until the last one has done its share.</summary>
    public static TimeSpan ToHashOnEachCore()
    {
        var clock = Stopwatch.StartNew();
        Parallel.For(0, Environment.ProcessorCount, _ => SHA256.HashData(Zeros));
        return clock.Elapsed;
    }

    /// <summary>Processor time to read the JSON once.</summary>
    public static TimeSpan ToReadOnce(byte[] json)
    {
        Read(json, WarmUps);
        using var process = Process.GetCurrentProcess();
        var before = process.TotalProcessorTime;
        Read(json, Times);
        process.Refresh();
        return (process.TotalProcessorTime - before) / Times;
    }

    private static void Read(byte[] json, int times)
    {
        for (var i = 0; i < times; i++)
        {
            var reader = new Utf8JsonReader(json);
            while (reader.Read())
            {
                // Reading is all there is to do.
            }
        }
    }
}
