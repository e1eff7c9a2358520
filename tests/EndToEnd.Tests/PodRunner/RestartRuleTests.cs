using SidecarAgent.Quickstart.PodRunner;

namespace SidecarAgent.EndToEnd.Tests.PodRunner;

public class RestartRuleTests
{
    [Theory]
    [InlineData(nameof(ContainerKind.Sidecar), nameof(RestartPolicy.Never), 0, true)]
    [InlineData(nameof(ContainerKind.Sidecar), nameof(RestartPolicy.Never), 137, true)]
    [InlineData(nameof(ContainerKind.Init), nameof(RestartPolicy.Always), 0, false)]
    [InlineData(nameof(ContainerKind.Init), nameof(RestartPolicy.Always), 1, true)]
    [InlineData(nameof(ContainerKind.Init), nameof(RestartPolicy.Never), 1, false)]
    [InlineData(nameof(ContainerKind.Application), nameof(RestartPolicy.Always), 0, true)]
    [InlineData(nameof(ContainerKind.Application), nameof(RestartPolicy.OnFailure), 0, false)]
    [InlineData(nameof(ContainerKind.Application), nameof(RestartPolicy.OnFailure), 1, true)]
    [InlineData(nameof(ContainerKind.Application), nameof(RestartPolicy.Never), 1, false)]
    public void Kind_policy_and_exit_code_decide(string kind, string policy, int exitCode, bool startsAgain) =>
        Assert.Equal(startsAgain, RestartRule.StartsAgain(
            Enum.Parse<ContainerKind>(kind), Enum.Parse<RestartPolicy>(policy), exitCode));

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 10)]
    [InlineData(2, 20)]
    [InlineData(5, 160)]
    [InlineData(6, 300)]
    [InlineData(1_000_000, 300)]
    public void The_delay_doubles_up_to_five_minutes(int restarts, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), RestartRule.Delay(restarts, TimeSpan.FromSeconds(10)));
}
