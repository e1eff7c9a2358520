using System.Globalization;

namespace SidecarAgent.Benchmarks;

/// <summary>One measured number beside what it should be below (or at).</summary>
/// <param name="Name">What was measured.</param>
/// <param name="Measured">The number.</param>
/// <param name="Target">It should not be above this.</param>
/// <param name="Unit">The unit of both.</param>
/// <param name="Note">How it was measured, and the spread.</param>
internal sealed record Figure(string Name, double Measured, double Target, string Unit, string Note)
{
    private const string Layout = "{0,-46} {1,10} {2,10} {3,-7} {4,-7} {5}";

    public static void PrintHeader(TextWriter output) =>
        output.WriteLine(string.Format(
            CultureInfo.InvariantCulture, Layout, "figure", "measured", "target", "unit", "", "how"));

    public void Print(TextWriter output) =>
        output.WriteLine(string.Format(
            CultureInfo.InvariantCulture, Layout, Name, Number(Measured), Number(Target), Unit,
            Measured <= Target ? "met" : "MISSED", Note));

    private static string Number(double value) =>
        value.ToString(value == Math.Floor(value) ? "0" : "0.0", CultureInfo.InvariantCulture);
}
