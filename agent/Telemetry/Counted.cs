using System.Globalization;

namespace SidecarAgent.Agent.Telemetry;

/// <summary>A number in a sentence: <c>1 file</c>, <c>2 files</c>.</summary>
/// <param name="Count">How many.</param>
/// <param name="Noun">In the singular; one that takes an s.</param>
internal readonly record struct Counted(int Count, string Noun)
{
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Count} {Noun}{(Count == 1 ? "" : "s")}");
}
