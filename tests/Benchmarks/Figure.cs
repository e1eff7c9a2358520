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

    /// <summary>
    /// The same beside reference work that was done on the same machine at the same time: durations as multiples of it, rates
    /// as how often in the time that it took.
    /// </summary>
    /// <param name="reference">How long <see cref="ReferenceWork.ToHash"/>, or the same on each core, took now and then.</param>
    public Figure AsRatio(Samples reference)
    {
        var took = reference.Percentile(50);
        return new Figure(
            $"{Name}, as a ratio", ToReference(Measured, took), ToReference(Target, ReferenceWork.HashMilliseconds), "x",
            $"to reference work: a hash of {ReferenceWork.HashBytes / 1_000_000} MB now and then, {took:0.0} ms; {ReferenceWork.HashMilliseconds:0} where the target was set")
        {
            AtLeast = AtLeast,
        };
    }

    public static void PrintHeader(TextWriter output) =>
        output.WriteLine(Row("figure", "measured", "target", "unit", "", "how"));

    public void Print(TextWriter output) => output.WriteLine(Row(
        Name, Number(Measured), Number(Target), Unit, IsMet ? "met" : "MISSED", Note));

    private double ToReference(double number, double milliseconds) => Unit switch
    {
        "ms" => number / milliseconds,
        "s" => number * 1000 / milliseconds,
        "/s" => number * milliseconds / 1000,
        _ => throw new InvalidOperationException($"{Unit} is neither a duration nor a rate."),
    };

    private static string Row(string name, string measured, string target, string unit, string met, string how) =>
        $"{name,-46} {measured,10} {target,10} {unit,-5} {met,-7} {how}";

    private static string Number(double value) =>
        value.ToString(value == Math.Floor(value) ? "0" : "0.0", CultureInfo.InvariantCulture);
}
