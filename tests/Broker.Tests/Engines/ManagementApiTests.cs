using System.Net;
using System.Net.Sockets;
using System.Text;
using SidecarAgent.Broker.Engines.Accounts;
using SidecarAgent.Broker.Engines.RabbitMq;
using SidecarAgent.Testing;

namespace SidecarAgent.Broker.Tests.Engines;

/// <summary>Answers that no RabbitMQ gives, but what may stand in its place.</summary>
public sealed class ManagementApiTests : IDisposable
{
    private readonly TempDirectory _directory = TempDirectory.Create();
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public void Dispose()
    {
        _listener.Dispose();
        _directory.Dispose();
    }

    [Theory]
    [InlineData("text/plain; charset=klingon", "{}")]
    [InlineData("application/json", "{")]
    [InlineData("application/json", "{\"a\":1,\"a\":2}")]
    public async Task Whatever_it_answers_is_a_server_that_cannot_be_used_and_no_defect(string type, string body)
    {
        _listener.Start();
        var port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        using var api = new ManagementApi(
            new AccountConnection
            {
                Host = "127.0.0.1",
                Port = port,
                User = "broker",
                PasswordFile = _directory.Write("password", "x"),
                Tls = false,
            },
            port);

        var asking = api.AskAsync(HttpMethod.Get, "whoami", null, "answer", CancellationToken.None);
        using var client = await _listener.AcceptTcpClientAsync();
        await client.GetStream().WriteAsync(
            Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: {type}\r\nContent-Length: {body.Length}\r\n\r\n{body}"));

        await Assert.ThrowsAsync<AccountServerUnreachableException>(() => asking);
    }
}
