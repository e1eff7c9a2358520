using System.Globalization;

namespace SidecarAgent.Benchmarks;

/// <summary>One measured number beside what it should keep to.</summary>
/// <param name="Name">What was measured.</param>
/// <param name="Measured">The number.</param>
/// <param name="Target">It should not be above this; for a floor, not below.</param>
/// <param name="Unit">The unit of both.</param>
/// <param name="Note">How it was measured, and the spread.</param>
internal sealed record Figure(string Name, double Measured, double Target, string Unit, string Note)
{
    /// <summary>Whether the target is a floor: the number should not be below it.</summary>
    public bool AtLeast { get; init; }

    private bool IsMet => AtLeast ? Measured >= Target : Measured <= Target;

    public static void PrintHeader(TextWriter output) =>
        output.WriteLine(Row("figure", "measured", "target", "unit", "", "how"));

    public void Print(TextWriter output) => output.WriteLine(Row(
        Name, Number(Measured), Number(Target), Unit, IsMet ? "met" : "MISSED", Note));

    private static string Row(string name, string measured, string target, string unit, string met, string how) =>
        $"{name,-46} {measured,10} {target,10} {unit,-5} {met,-7} {how}";

    private static string Number(double value) =>
        value.ToString(value == Math.Floor(value) ? "0" : "0.0", CultureInfo.InvariantCulture);
}
