using SidecarAgent.Testing;

namespace SidecarAgent.Ctl.Tests;

/// <summary>That the command is there and reads and writes what it is given; the injection has its own tests.</summary>
public sealed class InjectRegistrationTests
{
    private const string Pod =
        """
        apiVersion: v1
        kind: Pod
        metadata:
          name: orders
          annotations:
            sidecar-agent.io/inject: "true"
            sidecar-agent.io/secret-db: kv/shop/orders
        spec:
          containers:
            - name: app
              image: orders:1
        """;

    [Fact]
    public async Task A_pod_from_standard_input_is_shown_injected()
    {
        var run = await Operator.RunAsync(Operator.Bare(Pod), "inject", "-f", "-");

        Assert.Equal(0, run.Code);
        Assert.Contains("initContainers:", run.Output);
        Assert.Contains("sidecar-agent.io/status: injected", run.Output);
    }

    [Fact]
    public async Task A_file_is_explained()
    {
        using var directory = TempDirectory.Create();
        var file = directory.Write("pod.yaml", Pod);

        var run = await Operator.RunAsync(Operator.Bare(), "inject", "-f", file, "--explain");

        Assert.Equal(0, run.Code);
        Assert.NotEmpty(run.Lines);
    }

    [Theory]
    [InlineData("inject", "'--filename' is required")]
    [InlineData("inject -f a -f b", "expects a single argument")]
    [InlineData("inject -f a -o json", "leave --output out")]
    [InlineData("--output yaml inject -f a", "leave --output out")]
    [InlineData("inject -f a --explian", "unknown option '--explian' (did you mean '--explain'?)")]
    public async Task A_mistake_is_named(string typed, string saying) =>
        (await Operator.RunAsync(Operator.Bare(), typed.Split(' '))).MustFail(2, saying);
}
