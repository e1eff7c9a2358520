using System.Net;
using System.Net.Sockets;
using System.Text;
using SidecarAgent.Agent.Reload;
using SidecarAgent.Agent.Tests.FakeBroker;

namespace SidecarAgent.Agent.Tests.Sync;

/// <summary>Files first, then the application, then the broker; and a deaf application holds up nobody.</summary>
[Collection(nameof(AgentsInTurn))]
public sealed class NotificationOrderTests : IDisposable
{
    private readonly TcpListener _application = new(IPAddress.Loopback, 0);

    public NotificationOrderTests() => _application.Start();

    [Fact]
    public async Task The_application_is_told_between_the_file_and_the_acknowledgement()
    {
        await using var pod = await OneSecretAsync();
        pod.Run();
        await pod.Broker.Acknowledgements.NextAsync();
        Assert.False(_application.Pending());

        pod.Broker.Put("kv/a", ("x", "2"));

        using (var connection = await _application.AcceptTcpClientAsync())
        {
            Assert.Equal("2", pod.Read("a"));
            Assert.Empty(pod.Broker.Acknowledgements.TakeAll());
            await AnswerAsync(connection);
        }

        Assert.Equal(2ul, (await pod.Broker.Acknowledgements.NextAsync()).Version);
    }

    [Fact]
    public async Task An_application_that_does_not_answer_holds_up_neither_broker_nor_the_next_version()
    {
        var time = new ArmedTime();
        await using var pod = await OneSecretAsync();
        pod.Time = time;
        pod.Run();
        await pod.Log.WaitForAsync("The broker knows what became of 1 version");
        pod.Broker.Acknowledgements.TakeAll();

        pod.Broker.Put("kv/a", ("x", "2"));
        using var deaf = await _application.AcceptTcpClientAsync();
        pod.Broker.Put("kv/a", ("x", "3"));
        await pod.Log.WaitForAsync("Generation 3");

        Assert.Equal("3", pod.Read("a"));
        Assert.Empty(pod.Broker.Acknowledgements.TakeAll());
        var acknowledged = await time.PassUntilAsync(
            pod.Broker.Acknowledgements.NextAsync(), due => due > TimeSpan.Zero && due <= TimeSpan.FromSeconds(5));
        Assert.InRange(acknowledged.Version, 2ul, 3ul);
    }

    [Fact]
    public async Task Who_was_not_told_when_the_agent_was_killed_is_told_after_its_restart_and_then_no_more()
    {
        await using var pod = await OneSecretAsync();
        var first = pod.Run();
        await pod.Broker.Acknowledgements.NextAsync();
        pod.Broker.Put("kv/a", ("x", "2"));
        using (await _application.AcceptTcpClientAsync())
            await first.CrashAsync();
        pod.Broker.Acknowledgements.TakeAll();

        var second = pod.Run();
        using (var connection = await _application.AcceptTcpClientAsync().WaitAsync(TimeSpan.FromSeconds(30)))
        {
            Assert.Empty(pod.Broker.Acknowledgements.TakeAll());
            await AnswerAsync(connection);
        }

        Assert.Equal(2ul, (await pod.Broker.Acknowledgements.NextAsync()).Version);
        await second.CrashAsync();
        pod.Run();
        Assert.Equal(2ul, (await pod.Broker.Acknowledgements.NextAsync()).Version);
        Assert.False(_application.Pending());
    }

    public void Dispose() => _application.Dispose();

    private async Task<TestPod> OneSecretAsync()
    {
        var pod = await TestPod.StartAsync();
        pod.WantRaw("a", "kv/a", "x");
        pod.Notify = new HttpNotification(new Uri($"http://127.0.0.1:{((IPEndPoint)_application.LocalEndpoint).Port}/-/reload"));
        pod.Broker.Put("kv/a", ("x", "1"));
        return pod;
    }

    private static async Task AnswerAsync(TcpClient connection)
    {
        _ = await connection.GetStream().ReadAsync(new byte[4096]);
        await connection.GetStream().WriteAsync(Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
    }
}
