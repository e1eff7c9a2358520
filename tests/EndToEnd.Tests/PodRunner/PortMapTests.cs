using SidecarAgent.Quickstart.PodRunner;

namespace SidecarAgent.EndToEnd.Tests.PodRunner;

public class PortMapTests
{
    private static readonly PortMap Ports = new(new Dictionary<int, int> { [9464] = 31001, [8080] = 31002 });

    [Theory]
    [InlineData("""{"listen":"0.0.0.0:9464"}""", """{"listen":"127.0.0.1:31001"}""")]
    [InlineData("http:8080/-/reload", "http:31002/-/reload")]
    [InlineData("http://localhost:8080/", "http://localhost:31002/")]
    [InlineData("[::]:9464", "127.0.0.1:31001")]
    [InlineData("[::1]:9464", "[::1]:31001")]
    public void A_port_of_the_pod_becomes_the_local_one(string text, string expected) =>
        Assert.Equal(expected, Ports.ToHost(text));

    [Theory]
    [InlineData("broker:8443")]
    [InlineData("localhost:80801")]
    [InlineData("""{"seconds":8080}""")]
    [InlineData("8080")]
    public void Other_numbers_are_left_alone(string text) => Assert.Equal(text, Ports.ToHost(text));
}
