using System.Globalization;

namespace SidecarAgent.Agent.Templates.Formatting;

/// <summary>Whole numbers in decimal.</summary>
internal static class NumberText
{
    public static string Of(long number) => number.ToString(CultureInfo.InvariantCulture);
}
