using SidecarAgent.Quickstart.Installation;

namespace SidecarAgent.EndToEnd.Tests.Installation;

/// <summary>What lies in out/, which operators put on their path.</summary>
public class PublishedProgramsTests
{
    [Fact]
    public void Beside_sidecarctl_lies_no_program_that_could_not_run_there()
    {
        var folder = Path.GetDirectoryName(Programs.Locate().Sidecarctl)!;

        var programs = Directory.EnumerateFiles(folder).Select(Path.GetFileName)
            .Where(name => Path.GetExtension(name) is "" || name!.EndsWith(".runtimeconfig.json", StringComparison.Ordinal));

        Assert.Equal(["sidecarctl", "sidecarctl.runtimeconfig.json"], programs.Order(StringComparer.Ordinal));
    }
}
