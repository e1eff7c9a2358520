namespace SidecarAgent.Conventions.Tests;

internal static class Offenders
{
    /// <summary>Fails with all of them, one a line: xunit's own messages stop after five.</summary>
    public static void None(IEnumerable<object?> offenders)
    {
        var all = offenders.Select(offender => $"  {offender}").ToList();
        Assert.True(all.Count == 0, string.Join('\n', all.Prepend($"{all.Count} break the rule:")));
    }
}
