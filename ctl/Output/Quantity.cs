namespace SidecarAgent.Ctl.Output;

/// <summary>Numbers of things in sentences.</summary>
internal static class Quantity
{
    /// <summary>"1 holder", "2 holders".</summary>
    public static string Of(long count, string noun) => count == 1 ? $"1 {noun}" : $"{count} {noun}s";
}
