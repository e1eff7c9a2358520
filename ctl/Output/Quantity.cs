namespace SidecarAgent.Ctl.Output;

/// <summary>Numbers of things in sentences.</summary>
internal static class Quantity
{
    /// <summary>"1 holder", "2 holders".</summary>
    public static string Of(long count, string noun) => Of(count, noun, noun + "s");

    /// <summary>"1 entry", "2 entries".</summary>
    public static string Of(long count, string noun, string plural) => count == 1 ? $"1 {noun}" : $"{count} {plural}";
}
