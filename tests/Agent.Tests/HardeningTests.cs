using SidecarAgent.Agent.Tests.Files;

namespace SidecarAgent.Agent.Tests;

public sealed class HardeningTests
{
    [Fact]
    public void The_process_can_be_neither_dumped_nor_attached_to()
    {
        using var host = new HostProcess("harden");

        Assert.Equal("0", host.ReadLine());
        Assert.Matches(@"^Max core file size\s+0\s+0\s", host.ReadLine());
        Assert.Equal(0, host.WaitForExit());
    }
}
